import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Client } from 'pg'
import { silentLog } from '../../core/log.ts'
import type { Task } from '../../core/task.ts'
import { eventually } from '../../testing/eventually.ts'
import { TestEngine } from '../../testing/workers.ts'
import { openDatabase } from '../connection.ts'
import { livingPostmaster } from '../embedded/postmaster-file.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/supervisor.ts'
import { migrate } from '../migrate.ts'
import { PostgresTaskClaims } from './postgres-task-claims.ts'

/** Ends the server in a way that its supervisor repairs. */
type Fault = (url: string) => Promise<void>

describe('a task whose database server', () => {
  let folder = ''
  let server: EmbeddedPostgres
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-restart-'))
    await chmod(folder, 0o711)
    server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: silentLog })
    const opened = openDatabase(server.url, silentLog)
    await migrate(opened.database)
    await opened.close()
  })
  after(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const faults: Record<string, Fault> = {
    'was killed': async () => {
      const running = await livingPostmaster(join(folder, 'postgres/data'))
      process.kill(running?.pid ?? 0, 'SIGKILL')
    },
    'lost one of its processes': killOneBackend,
  }
  for (const [title, fault] of Object.entries(faults)) {
    test(`${title} three times has lost no worker`, async () => {
      const task = await threeOutages(server.url, fault)
      assert.deepEqual([task.state, task.error, task.attempt], ['waiting', null, 3])
    })
  }
})

/** Claims a task and takes the server down, three times. */
async function threeOutages(url: string, fault: Fault): Promise<Task> {
  const opened = openDatabase(url, silentLog, 2)
  const engine = new TestEngine(opened)
  const claims = new PostgresTaskClaims(opened.database, silentLog)
  try {
    const task = await engine.enqueue('long')
    for (let outage = 1; outage <= 3; outage++) {
      const worker = await engine.worker()
      assert.equal((await claims.claim(worker))?.id, task.id)
      await fault(url)
      await eventually(async () => (await claims.recoverDead().catch(() => 0)) === 1)
    }
    const after = await engine.store.get(task.id)
    await engine.store.cancel(task.id)
    return after
  } finally {
    await engine.close()
    await opened.close()
  }
}

/** As when the system is out of memory: the postmaster stays and starts all others anew. */
async function killOneBackend(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  const gone = new Promise((resolve) => client.on('error', resolve))
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
  await gone
}
