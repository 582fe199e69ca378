import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { silentLog } from '../src/core/log.ts'
import { type OpenDatabase, openDatabase } from '../src/database/connection.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { adminPassword } from './support/deckle-server.ts'
import { memoryOf } from './support/processes.ts'
import { isLong } from './support/project.ts'
import { sharedServer } from './support/servers.ts'

const tasks = isLong ? 1_000_000 : 20_000
const stuckReaders = 20
/** MB that an answer may make the server hold more, whatever its length (DESIGN §5). */
const most = 50

const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`

onOneDatabase(`a list of ${tasks} tasks`, (fresh) => {
  const server = sharedServer({ ...fresh, preparedUrl: freshFilled }, () => ({ DECKLE_WORKERS: '1' }))
  let opened: OpenDatabase | undefined
  before(() => fill(database()))
  after(() => opened?.close())

  async function freshFilled(): Promise<string> {
    const url = await fresh.preparedUrl()
    opened = openDatabase(url, silentLog, 2)
    return url
  }

  function database(): OpenDatabase {
    if (opened === undefined) throw new Error('the database is there only while tests run')
    return opened
  }

  for (const path of ['tasks/', 'tasks/search/', 'tasks/?tag=pulp:action:sync']) {
    test(`is printed whole in little memory by GET ${path}`, async (t) => {
      await read('tasks/?tag=pulp:action:none')
      const base = await settledMemory(server().pid)
      const { items, bytes } = await read(path)
      const extra = memoryOf(server().pid).peak - base
      t.diagnostic(`${bytes} bytes, ${extra.toFixed(1)} MB more`)
      assert.equal(items, tasks)
      assert.ok(extra <= most, `${extra} MB more`)
    })
  }

  test('costs next to nothing, and nobody else waits, when clients stop reading it', async (t) => {
    const base = await settledMemory(server().pid)
    const stuck = await Promise.all(Array.from({ length: stuckReaders }, () => open('tasks/')))
    t.after(() => stuck.map((response) => response.destroy()))
    await eventually(async () => (await busyConnections(database())) === 0)
    const others = Array.from({ length: 10 }, () => read('tasks/search/?limit=1'))
    assert.deepEqual(
      (await Promise.all(others)).map(({ items }) => items),
      Array(10).fill(1),
    )
    const extra = memoryOf(server().pid).peak - base
    t.diagnostic(`${stuckReaders} readers, ${extra.toFixed(1)} MB more`)
    assert.ok(extra <= most, `${extra} MB more`)
  })

  /** Reads it to the end without keeping it: a task is one `"task_id"` in the text. */
  async function read(path: string): Promise<{ items: number; bytes: number }> {
    const response = await open(path)
    let [items, bytes, rest] = [0, 0, '']
    for await (const chunk of response) {
      const text = rest + String(chunk)
      items += text.split('"_ns":"task_status"').length - 1
      bytes += chunk.length
      rest = text.slice(-'"_ns":"task_status"'.length + 1)
    }
    assert.ok(response.complete)
    return { items, bytes }
  }

  async function open(path: string) {
    const sent = request(`${server().url}/pulp/api/v2/${path}`, { headers: { authorization }, agent: false })
    sent.end()
    const [response] = await once(sent, 'response')
    assert.equal(response.statusCode, 200)
    return response
  }
})

async function fill({ database }: OpenDatabase): Promise<void> {
  await sql`
    INSERT INTO task (task_id, operation, arguments, tags, resources, state, started, finished, worker, result)
    SELECT gen_random_uuid(), 'sync-repository', '{"repository": "zoo"}', ARRAY['repository:' || n % 1000, 'action:sync'],
      ARRAY['repository:' || n % 1000], 'finished', now(), now(), 'reserved_resource_worker-0@here',
      jsonb_build_object('added', n, 'text', repeat('x', 300))
    FROM generate_series(1, ${tasks}::integer) AS n`.execute(database)
  await sql`INSERT INTO task_progress SELECT id, '{"iso_importer": {"state": "complete"}}' FROM task`.execute(database)
  await sql`ANALYZE task, task_progress`.execute(database)
}

/** Of the server: statements under way, and transactions that nobody goes on with. */
async function busyConnections({ database }: OpenDatabase): Promise<number> {
  const { rows } = await sql<{ busy: number }>`
    SELECT count(*)::integer AS busy FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'`.execute(
    database,
  )
  return rows[0]?.busy ?? 0
}

/** Megabytes that it holds now; its peak counts from here on. */
async function settledMemory(pid: number): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  return memoryOf(pid).now
}
