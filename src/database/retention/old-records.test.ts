import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, beforeEach, it } from 'node:test'
import { sql } from 'kysely'
import { onEachDatabase } from '../../testing/databases.ts'
import { insertRepository } from '../../testing/publications.ts'
import type { Database, OpenDatabase } from '../connection.ts'
import { PostgresOldRecords } from './old-records.ts'

const day = 24 * 3600

onEachDatabase('old records', (fresh) => {
  let opened: OpenDatabase
  let database: Database
  let records: PostgresOldRecords

  before(async () => {
    opened = await fresh.open()
    database = opened.database
    records = new PostgresOldRecords(database)
  })
  beforeEach(() => database.deleteFrom('task').execute())

  /** A task that ended `age` seconds ago, or has not ended. */
  async function aTask(age: number | undefined, parent: number | null = null): Promise<number> {
    const { rows } = await sql<{ id: number }>`
      INSERT INTO task (task_id, operation, arguments, tags, state, finished, parent)
      VALUES (${randomUUID()}, 'test', '{}', '{}', ${age === undefined ? 'waiting' : 'finished'},
        now() - make_interval(secs => ${age ?? null}), ${parent}) RETURNING id`.execute(database)
    return rows[0]?.id ?? 0
  }

  async function tasks(): Promise<readonly number[]> {
    return (await database.selectFrom('task').select('id').orderBy('id').execute()).map((row) => row.id)
  }

  it('deletes tasks that ended long ago, with their progress, and no others', async () => {
    const old = await aTask(8 * day)
    await database.insertInto('task_progress').values({ task: old, report: '{}' }).execute()
    const others = [await aTask(6 * day), await aTask(undefined)]
    assert.equal(await records.deleteTasks(7 * day, 100), 1)
    assert.deepEqual(await tasks(), others)
    assert.equal(await records.deleteTasks(7 * day, 100), 0)
  })

  it('deletes no more tasks at a time than it may, the oldest first', async () => {
    const [newer] = [await aTask(8 * day), await aTask(9 * day), await aTask(10 * day)]
    assert.equal(await records.deleteTasks(7 * day, 2), 2)
    assert.deepEqual(await tasks(), [newer])
  })

  it('keeps tasks while one that they queued, or that queued them, is not over', async () => {
    const parent = await aTask(9 * day)
    const child = await aTask(undefined, parent)
    const running = await aTask(undefined)
    await aTask(9 * day, running)
    assert.equal(await records.deleteTasks(7 * day, 100), 0)
    await sql`UPDATE task SET state = 'canceled', finished = now() WHERE id IN (${child}, ${running})`.execute(database)
    assert.equal(await records.deleteTasks(7 * day, 100), 2)
    assert.deepEqual(await tasks(), [child, running])
  })

  it('keeps the members of a group until all of them are over, so that its sum stays', async () => {
    const members = [await aTask(9 * day), await aTask(undefined)]
    await database.updateTable('task').set({ group_id: randomUUID() }).execute()
    assert.equal(await records.deleteTasks(7 * day, 100), 0)
    await sql`UPDATE task SET state = 'finished', finished = now() WHERE id = ${members[1]}`.execute(database)
    assert.equal(await records.deleteTasks(7 * day, 100), 1)
    assert.deepEqual(await tasks(), [members[1]])
  })

  it('deletes histories of all kinds, at most as many as it may', async () => {
    const at = await insertRepository(database)
    for (const age of [70, 65, 10]) {
      const times = sql`now() - make_interval(days => ${age}), now() - make_interval(days => ${age})`
      await sql`INSERT INTO sync_history (repository, importer_type, started, completed, result)
        VALUES (${at.repository}, 't', ${times}, 'success')`.execute(database)
      await sql`INSERT INTO publish_history (repository, distributor, distributor_type, started, completed, result)
        VALUES (${at.repository}, 'web', 't', ${times}, 'success')`.execute(database)
      await sql`INSERT INTO consumer_event (consumer, type, originator, recorded)
        VALUES ('host', 'repo_bound', 'me', now() - make_interval(days => ${age}))`.execute(database)
    }
    assert.equal(await records.deleteHistories(60 * day, 4), 4)
    assert.equal(await records.deleteHistories(60 * day, 4), 2)
    assert.equal(await records.deleteHistories(60 * day, 4), 0)
    const left = await sql`SELECT FROM sync_history UNION ALL SELECT FROM publish_history
      UNION ALL SELECT FROM consumer_event`.execute(database)
    assert.equal(left.rows.length, 3)
  })

  it('deletes leases of fetches that died, and no others', async () => {
    for (const until of ['-5 minutes', '5 seconds']) {
      await sql`WITH made AS (INSERT INTO file (size) VALUES (1) RETURNING id)
        INSERT INTO fetch_lease (file, holder, until) SELECT id, ${until}, now() + ${until}::interval FROM made
      `.execute(database)
    }
    assert.equal(await records.deleteLeases(100), 1)
    const left = await database.selectFrom('fetch_lease').select('holder').execute()
    assert.deepEqual(left, [{ holder: '5 seconds' }])
  })
})
