import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, before, it } from 'node:test'
import { sql } from 'kysely'
import type { TaskState } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresUploadRequests } from './postgres-upload-requests.ts'

onEachDatabase('upload requests', (fresh) => {
  let opened: OpenDatabase
  let requests: PostgresUploadRequests
  before(async () => {
    opened = await fresh.open()
    requests = new PostgresUploadRequests({ database: opened.database, importOperation: 'import-upload' })
  })
  afterEach(async () => {
    for (const id of await requests.list()) await requests.delete(id)
  })

  const age = (id: string, seconds: number) =>
    sql`UPDATE upload_request SET touched = now() - make_interval(secs => ${seconds}) WHERE id = ${id}`.execute(
      opened.database,
    )

  const task = (operation: string, upload: string, state: TaskState) =>
    opened.database
      .insertInto('task')
      .values({ task_id: randomUUID(), operation, arguments: JSON.stringify({ upload }), tags: [], state })
      .execute()

  it('are listed in the order in which they were made, until they are deleted', async () => {
    const made = [await requests.create(), await requests.create(), await requests.create()]
    assert.deepEqual(await requests.list(), made)
    await requests.delete(made[1] ?? '')
    await requests.delete(made[1] ?? '')
    assert.deepEqual(await requests.list(), [made[0], made[2]])
    assert.deepEqual([...(await requests.present(made))].toSorted(), [made[0], made[2]].toSorted())
  })

  it('are known by their ids only, whatever somebody asks for', async () => {
    const id = await requests.create()
    for (const wrong of ['', 'x', id.toUpperCase(), `{${id}}`, id.replaceAll('-', ''), randomUUID()]) {
      assert.equal(await requests.touch(wrong), false, wrong)
      assert.deepEqual(await requests.present([wrong]), new Set())
      await requests.delete(wrong)
    }
    assert.equal(await requests.touch(id), true)
  })

  it('go when nobody has touched them for so long, the oldest first', async () => {
    const [old, older, fresh] = [await requests.create(), await requests.create(), await requests.create()]
    await age(old, 200)
    await age(older, 300)
    assert.deepEqual(await requests.deleteIdle(100, 1), [older])
    assert.deepEqual(await requests.deleteIdle(100, 10), [old])
    await age(fresh, 200)
    await requests.touch(fresh)
    assert.deepEqual([await requests.deleteIdle(100, 10), await requests.list()], [[], [fresh]])
  })

  it('stay while an import of them waits or runs', async () => {
    const made = {
      waiting: await requests.create(),
      running: await requests.create(),
      ended: await requests.create(),
      other: await requests.create(),
    }
    await task('import-upload', made.waiting, 'waiting')
    await task('import-upload', made.running, 'running')
    await task('import-upload', made.ended, 'error')
    await task('something-else', made.other, 'waiting')
    for (const id of Object.values(made)) await age(id, 200)
    assert.deepEqual((await requests.deleteIdle(100, 10)).toSorted(), [made.ended, made.other].toSorted())
    assert.deepEqual(await requests.list(), [made.waiting, made.running])
  })
})
