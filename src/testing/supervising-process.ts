import { silentLog } from '../core/log.ts'
import { startEmbeddedPostgres } from '../database/embedded/supervisor.ts'

/** The program of a child process that runs an embedded server in the folder of its first argument until it is told to stop. */
const [folder = ''] = process.argv.slice(2)

try {
  const { url, adopted, stop } = await startEmbeddedPostgres({ folder, log: silentLog })
  process.once('message', async () => {
    await stop()
    process.disconnect()
  })
  process.send?.({ url, adopted })
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) })
  process.disconnect()
}
