import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import type { CallReport } from '../src/clients/pulp-answers.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { Cable } from './support/cable.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { isRunning, workerSlotsOf } from './support/processes.ts'
import { isLong } from './support/project.ts'
import { fetchBytes } from './support/published.ts'
import { call, read, SyncHistory } from './support/pulp-calls.ts'
import { startServer, testFolder } from './support/servers.ts'
import { temporaryFiles } from './support/temporary-files.ts'
import { cutControlConnection, wholeDatabase } from './support/whole-database.ts'

const limit = { timeout: 120_000 }
const before = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`file-${index}`, `text ${index}`]))
const after = { ...before, 'file-0': 'changed', held: 'held back', last: 'the last' }

onEachDatabase('a worker in the middle of a sync', (fresh) => {
  const losses = [
    { title: 'that is stopped and has lost its lock', cut: cutControlConnection },
    // The lock is taken from it when its heartbeat is 15 s old: half a minute in all.
    ...(isLong ? [{ title: 'that is stopped', cut: async () => undefined }] : []),
  ]
  for (const { title, cut } of losses) {
    test(`${title} is taken over from, and changes nothing when it wakes`, limit, async (t) => {
      const databaseUrl = await fresh.preparedUrl()
      const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl })
      const sync = await syncToTheMiddle(server)
      const [frozen] = workerSlotsOf(server.pid)
      assert.ok(frozen)
      process.kill(frozen.pid, 'SIGSTOP')
      t.after(() => isRunning(frozen.pid) && process.kill(frozen.pid, 'SIGKILL'))
      await cut(databaseUrl, sync.taskId)
      await sync.finishElsewhere(server)

      const seen = await everythingOf(databaseUrl, sync.url)
      process.kill(frozen.pid, 'SIGCONT')
      await eventually(() => /the task was taken over by another worker/.test(server.log))
      await sync.checkAfter(seen, server)
    })
  }

  test(
    'that is cut off from the database is taken over from by another server, and changes nothing',
    limit,
    async (t) => {
      const databaseUrl = await fresh.preparedUrl()
      const cable = await Cable.to(t, databaseUrl)
      const { first, settings } = await aServerBehind(t, cable.url)
      const sync = await syncToTheMiddle(first)
      const second = await startServer(t, { dataDir: await testFolder(t), databaseUrl, settings })
      cable.cut()
      await sync.finishElsewhere(second)

      const seen = await everythingOf(databaseUrl, second.url + sync.path)
      cable.mend()
      // A worker that is kept from the database for long gives up before it can hear that.
      await eventually(() => /the task was taken over by another worker|the worker slot ends/.test(first.log))
      await sync.checkAfter(seen, second, settings['DECKLE_BLOBS'])
      assert.equal((await fetchBytes(`${sync.url}held`)).toString(), after.held, 'the first server serves it, too')
    },
  )

  test('that dies with its whole server is taken over from by another one', limit, async (t) => {
    const databaseUrl = await fresh.preparedUrl()
    const { first, settings } = await aServerBehind(t, databaseUrl)
    const sync = await syncToTheMiddle(first)
    const second = await startServer(t, { dataDir: await testFolder(t), databaseUrl, settings })
    const slots = workerSlotsOf(first.pid)
    const killed = performance.now()
    // The parent first, so that nobody gives the task back.
    for (const pid of [first.pid, ...slots.map((slot) => slot.pid)]) process.kill(pid, 'SIGKILL')
    await sync.finishElsewhere(second)
    t.diagnostic(`taken over and finished ${Math.round(performance.now() - killed)} ms after the kill`)
    await eventually(async () => (await temporaryFiles(second.dataDir, settings['DECKLE_BLOBS'])).length === 0)
  })
})

async function aServerBehind(t: TestContext, databaseUrl: string) {
  // The maintenance takes away what processes of another server left.
  const settings = { DECKLE_BLOBS: join(await testFolder(t), 'blobs'), DECKLE_MAINTENANCE_INTERVAL: '1' }
  return { first: await startServer(t, { dataDir: await testFolder(t), databaseUrl, settings }), settings }
}

/** A mirror that shows `before`, whose next sync waits for a file. */
async function syncToTheMiddle(server: DeckleServer) {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, before)
  const upstream = await FolderUpstream.of(folder)
  const url = await makeFilesMirror(server, 'zoo', { feed: upstream.feed })
  await syncWell(server, 'zoo')
  await writePlainFiles(folder, after)
  await upstream.update()
  const release = upstream.holdBack('held')
  const asked = upstream.asked('held')
  const report = await server.client.sync('zoo')
  await asked
  const taskId = idOf(report)
  const path = new URL(url).pathname

  return {
    url,
    path,
    taskId,
    /** Waits until another worker asks for the file, too, then lets both have it. */
    async finishElsewhere(other: DeckleServer): Promise<void> {
      await upstream.asked('held')
      release()
      requireFinished(await follow(other, report))
      assert.deepEqual(await publishedFiles(other.url + path), after)
      const history = read(SyncHistory, await call(other, 'GET', '/pulp/api/v2/repositories/zoo/history/sync/'))
      assert.deepEqual(
        history.map(({ result }) => result),
        ['success', 'success'],
      )
    },
    async checkAfter(seen: unknown, other: DeckleServer, blobs?: string): Promise<void> {
      assert.deepEqual(await everythingOf(other.databaseUrl ?? '', other.url + path), seen)
      await eventually(async () => (await temporaryFiles(server.dataDir, blobs)).length === 0)
    },
  }
}

async function everythingOf(databaseUrl: string, url: string) {
  return { rows: await wholeDatabase(databaseUrl), files: await publishedFiles(url) }
}

async function publishedFiles(url: string): Promise<Record<string, string>> {
  const manifest = (await fetchBytes(`${url}PULP_MANIFEST`)).toString()
  const names = manifest.split(/\r?\n/).flatMap((line) => (line === '' ? [] : [line.replace(/,.*/, '')]))
  const pairs = names.map(async (name) => [name, (await fetchBytes(url + name)).toString()] as const)
  return Object.fromEntries(await Promise.all(pairs))
}

function idOf(report: CallReport): string {
  const id = report.spawned_tasks[0]?.task_id
  assert.ok(id)
  return id
}
