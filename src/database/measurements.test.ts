import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { onEachDatabase } from '../testing/databases.ts'
import { eventually } from '../testing/eventually.ts'
import type { OpenDatabase } from './connection.ts'
import { PostgresMeasurements } from './measurements.ts'
import { PostgresTaskStore } from './tasks/postgres-task-store.ts'

const task = (resources: readonly string[]) => ({ operation: 'work', arguments: {}, tags: [], resources })

onEachDatabase('measurements', (fresh) => {
  let opened: OpenDatabase
  let measurements: PostgresMeasurements
  let tasks: PostgresTaskStore

  before(async () => {
    opened = await fresh.open()
    measurements = new PostgresMeasurements(opened.database)
    tasks = new PostgresTaskStore(opened.database)
  })

  it('count what waits and runs, with and without resources, and tell how old the oldest ready task is', async () => {
    assert.deepEqual(await measurements.queue(), { waiting: 0, running: 0, oldestReady: 0 })
    const [first] = await tasks.enqueue([task(['repository:a']), task(['repository:a']), task([])])
    await sql`UPDATE task SET created = created - interval '1 hour'`.execute(opened.database)
    const { oldestReady, ...counts } = await measurements.queue()
    assert.deepEqual(counts, { waiting: 3, running: 0 })
    assert.ok(oldestReady > 3_590 && oldestReady < 3_700, String(oldestReady))
    await sql`UPDATE task SET state = 'running', ready = false WHERE id = ${first?.key}`.execute(opened.database)
    assert.deepEqual({ ...(await measurements.queue()), oldestReady: 0 }, { waiting: 2, running: 1, oldestReady: 0 })
  })

  it('count each task that ends once, from the first look on', async () => {
    assert.deepEqual(await measurements.ended(), [])
    const [one, two] = await tasks.enqueue([task([]), task([])])
    await tasks.cancel(one?.id ?? '')
    await eventually(async () => (await measurements.ended()).length > 0)
    await tasks.cancel(two?.id ?? '')
    await eventually(async () => (await measurements.ended())[0]?.tasks === 2)
    assert.deepEqual(await measurements.ended(), [{ operation: 'work', state: 'canceled', tasks: 2 }])
  })

  it('count stored blobs once a minute and not while they are only reserved', async () => {
    await sql`INSERT INTO blob (sha256, size, stored_at) VALUES ('\\x01', 10, now()), ('\\x02', 5, NULL)`.execute(
      opened.database,
    )
    const first = await measurements.store()
    assert.deepEqual([first?.blobs, first?.bytes], [1, 10])
    assert.ok((first?.databaseBytes ?? 0) > 1_000_000)
    await sql`UPDATE blob SET stored_at = now()`.execute(opened.database)
    assert.equal(await measurements.store(), first)
  })

  it('count the files that are being fetched', async () => {
    await sql`INSERT INTO file DEFAULT VALUES`.execute(opened.database)
    await sql`INSERT INTO fetch_lease (file, holder, until) SELECT id, 'me', now() + interval '1 minute' FROM file`.execute(
      opened.database,
    )
    assert.equal(await measurements.fetches(), 1)
  })
})
