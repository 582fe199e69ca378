import { once } from 'node:events'
import { ControlConnection } from '../database/control-connection.ts'
import { compose } from './compose.ts'
import { readConfig } from './config.ts'
import { serverConnections } from './connections.ts'
import { openHandlers } from './handlers.ts'
import { listenAll, reloadOnHangup } from './listeners.ts'
import { openLog } from './log.ts'
import { ProcessMeters } from './metrics.ts'
import { ProcessCalls } from './process-calls.ts'
import { isTlsOn, openTls } from './tls/open-tls.ts'

/**
 * Entry of a further process that serves the APIs and content on its parent's port. The parent has made the schema, the users and
 * the stores ready. Its argument is its name.
 */
const name = process.argv[2] ?? 'content-1'
const config = readConfig()
const log = openLog(config.logLevel, { process: name })
const databaseUrl = config.databaseUrl
if (databaseUrl === undefined)
  throw new Error('a content process is started by the server, which tells it the database')

const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
process.on('disconnect', () => stop.abort())
// Ctrl-C reaches every process of the terminal; the parent decides when its children stop.
process.on('SIGINT', () => undefined)

const services = await compose(config, databaseUrl, log, serverConnections)
const control = new ControlConnection(config.databaseDirectUrl ?? databaseUrl, log)
await control.open()
const meters = new ProcessMeters()
const parent = new ProcessCalls(process, { families: () => meters.families() })
const handlers = await openHandlers(config, services, control, { log, meters, stop: stop.signal, metrics })
const tls = isTlsOn(config) ? await openTls(config, log) : undefined
if (tls !== undefined) reloadOnHangup(tls, log)
const listeners = await listenAll(config, handlers, { shared: true, tls })
process.send?.('ready')

if (!stop.signal.aborted && process.connected) await once(stop.signal, 'abort')
await listeners.close()
tls?.close()
await handlers.close()
await control.close()
await services.opened.close()
process.exit(0)

/** The parent knows all processes. */
async function metrics(): Promise<string> {
  const text = await parent.ask('metrics')
  if (typeof text === 'string') return text
  throw new Error('the parent process does not answer')
}
