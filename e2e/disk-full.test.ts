import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, read, SyncHistory } from './support/pulp-calls.ts'
import { startServer, testFolder } from './support/servers.ts'
import { requireMounts, SmallDisk } from './support/small-disk.ts'

const few = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`few-${index}`, `text ${index}`]))
/** A MiB each, of which the disk holds all only when nothing else is on it. */
const large = Object.fromEntries(
  Array.from({ length: 24 }, (_, index) => [`large-${index}`, randomBytes(512 * 1024).toString('hex')]),
)
const options = { ...requireMounts(), timeout: 120_000 }

onEachDatabase('a disk', (fresh) => {
  for (const { words, floor } of [
    { words: 'with too little room above the floor', floor: '8' },
    { words: 'that is really full', floor: '0' },
  ]) {
    const title = `${words} keeps nothing from being served, and a sync goes on by itself once there is room`
    test(title, options, async (t) => {
      const disk = await SmallDisk.make(40)
      t.after(() => disk.remove())
      const server = await startServer(t, {
        dataDir: await testFolder(t),
        databaseUrl: await fresh.preparedUrl(),
        settings: { DECKLE_BLOBS: join(disk.folder, 'blobs'), DECKLE_FREE_SPACE_FLOOR: floor },
      })
      const folder = await temporaryFolder()
      await writePlainFiles(folder, few)
      const upstream = await FolderUpstream.of(folder)
      const url = await makeFilesMirror(server, 'mirror', { feed: upstream.feed })
      await syncWell(server, 'mirror')
      const served = await allOf(url, few)

      const free = await disk.fill(24)
      await writePlainFiles(folder, { ...few, ...large })
      await upstream.update()
      const sync = await server.client.sync('mirror')
      const [task] = sync.spawned_tasks
      assert.ok(task)
      await eventually(async () => /space/.test((await server.client.task(task.task_id)).waiting_reason ?? ''))
      const { state, error, waiting_reason } = await server.client.task(task.task_id)
      assert.deepEqual([state, error], ['waiting', null])
      assert.match(waiting_reason ?? '', /space/)
      assert.ok(waiting_reason?.includes(disk.folder))
      assert.deepEqual(await allOf(url, few), served)
      assert.equal(await statusOf(`${url}large-0`), 404)
      await othersGoOn(server)

      await free()
      requireFinished(await follow(server, sync))
      assert.deepEqual(await allOf(url, { ...few, ...large }), new Map(Object.entries({ ...few, ...large })))
      const history = read(SyncHistory, await call(server, 'GET', '/pulp/api/v2/repositories/mirror/history/sync/'))
      assert.deepEqual(
        history.map(({ result }) => result),
        ['success', 'success'],
      )
    })
  }
})

/** What does not bring content from elsewhere needs no room above the floor. */
async function othersGoOn(server: DeckleServer): Promise<void> {
  await makeFilesMirror(server, 'short-lived', { feed: 'http://127.0.0.1:1/' })
  requireFinished(await follow(server, await server.client.deleteRepository('short-lived')))
}

async function allOf(url: string, files: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const entries = Object.keys(files).map(async (name) => [name, (await fetchBytes(url + name)).toString()] as const)
  return new Map(await Promise.all(entries))
}
