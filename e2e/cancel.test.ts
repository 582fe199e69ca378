import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followTasks } from '../src/clients/follow-tasks.ts'
import type { CallReport, TaskReport } from '../src/clients/pulp-answers.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, read, SyncHistory } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'
import { versionsOf } from './support/versions.ts'

const limit = { timeout: 60_000 }

onOneDatabase('a cancelled sync', (fresh) => {
  const server = sharedServer(fresh)

  /** A mirror whose sync hangs at one file until `release`. */
  async function hanging(id: string) {
    const folder = await temporaryFolder()
    // Of its own, since a file that the server has already is not fetched.
    await writePlainFiles(folder, { first: `first ${id}`, held: `held ${id}`, last: `last ${id}` })
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server(), id, { feed: upstream.feed })
    const release = upstream.holdBack('held')
    const asked = upstream.asked('held')
    const running = await server().client.sync(id)
    await asked
    return { upstream, url, release, running }
  }

  test('that runs stops, leaves nothing to be seen, and the next one works', limit, async () => {
    const { upstream, url, release, running } = await hanging('running')
    const id = idOf(running)
    const cancelled = await call(server(), 'DELETE', `/pulp/api/v2/tasks/${id}/`)
    assert.deepEqual([cancelled.status, cancelled.body], [200, null])
    const [task] = await followTasks(server().client, running.spawned_tasks, { interval: 10 })
    assert.equal(task?.state, 'canceled')
    assert.deepEqual(task.spawned_tasks, [], 'nothing is published after it')

    const { content_unit_counts } = await server().client.repository('running')
    assert.deepEqual(content_unit_counts, {})
    assert.equal(await statusOf(`${url}first`), 404)
    assert.deepEqual(await versionsOf(server(), 'running'), {})
    const history = read(SyncHistory, await call(server(), 'GET', '/pulp/api/v2/repositories/running/history/sync/'))
    assert.deepEqual(
      history.map(({ result }) => result),
      ['canceled'],
    )

    release()
    await upstream.update()
    await syncWell(server(), 'running')
    assert.equal((await fetchBytes(`${url}held`)).toString(), 'held running')
  })

  test('that waits never runs, and the one before it is not disturbed', limit, async () => {
    const { release, running, url } = await hanging('waiting')
    const waiting = await server().client.sync('waiting')
    const next = await server().client.publish('waiting', 'iso_distributor')
    assert.equal((await task(server(), waiting)).state, 'waiting')
    await server().client.cancelTask(idOf(waiting))
    const { state, start_time } = await task(server(), waiting)
    assert.deepEqual([state, start_time], ['canceled', null])
    assert.equal((await task(server(), running)).state, 'running')

    release()
    assert.deepEqual(
      (await follow(server(), running)).map((one) => one.state),
      ['finished', 'finished'],
    )
    assert.deepEqual(
      (await follow(server(), next)).map((one) => one.state),
      ['finished'],
    )
    assert.equal((await task(server(), waiting)).start_time, null)
    assert.equal((await fetchBytes(`${url}held`)).toString(), 'held waiting')
  })

  test('stays what it was when it is cancelled after its end', limit, async () => {
    const { release, running } = await hanging('ended')
    release()
    await follow(server(), running)
    await server().client.cancelTask(idOf(running))
    assert.equal((await task(server(), running)).state, 'finished')
  })
})

function idOf({ spawned_tasks: [link] }: CallReport): string {
  assert.ok(link)
  return link.task_id
}

function task(server: DeckleServer, report: CallReport): Promise<TaskReport> {
  return server.client.task(idOf(report))
}
