import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import type { CallReport } from '../src/clients/pulp-answers.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtRepository } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, makeMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { isRunning, workerSlotsOf } from './support/processes.ts'
import { fetchBytes, listPublished, publishedChecksums } from './support/published.ts'
import { call, read, SyncHistory } from './support/pulp-calls.ts'
import { fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { startServer, testFolder } from './support/servers.ts'
import { storedFiles } from './support/versions.ts'

/** More than the units that are stored at one time, so that some are stored while others are still to be fetched. */
const packages: PackageSpec[] = Array.from({ length: 140 }, (_, index) => ({ name: `package-${index}` }))
const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`file-${index}`, `text ${index}`]))
const limit = { timeout: 120_000 }

const builders = requireClients('rpmbuild', 'createrepo_c')
const folder = builtRepository(packages)

onEachDatabase('a sync', (fresh) => {
  for (const [word, end] of [
    ['killed', (server: DeckleServer) => server.kill()],
    ['stopped', (server: DeckleServer) => server.stop()],
  ] as const) {
    const title = `whose server was ${word} is done by the next one, which fetches nothing twice that is stored`
    test(title, { ...builders, ...limit }, async (t) => {
      const upstream = await FolderUpstream.of(folder())
      const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() }
      const first = await startServer(t, options)
      await makeMirror(first, 'zoo', { feed: upstream.feed })
      const middle = await syncToTheMiddle(first, upstream, 'zoo')
      await eventually(async () => (await storedFiles(first)).length >= 128)
      const workers = workerSlotsOf(first.pid)
      await end(first)
      await eventually(() => workers.every(({ pid }) => !isRunning(pid)))
      const stored = await storedFiles(first)
      middle.release()

      const second = await startServer(t, options)
      const requests = await upstream.requestsOf(async () => requireFinished(await follow(second, middle.call)))
      assert.deepEqual(await publishedChecksums(`${second.url}/pulp/repos/zoo/`), checksumsOf(upstream))
      const fetched = requests.filter((path) => path.endsWith('.rpm'))
      assert.deepEqual(
        fetched,
        packages
          .map(fileNameOf)
          .filter((path) => !stored.includes(path))
          .sort(),
      )
      assert.ok(fetched.includes(middle.held))
      const history = read(SyncHistory, await call(second, 'GET', '/pulp/api/v2/repositories/zoo/history/sync/'))
      assert.deepEqual(
        history.map(({ result }) => result),
        ['success'],
        'it was one sync',
      )
    })
  }

  test('whose worker was killed is taken over and finished', { ...builders, ...limit }, async (t) => {
    const upstream = await FolderUpstream.of(folder())
    const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() })
    const url = await makeMirror(server, 'orphaned', { feed: upstream.feed })
    const middle = await syncToTheMiddle(server, upstream, 'orphaned')
    const [slot, ...others] = workerSlotsOf(server.pid)
    assert.ok(slot !== undefined && others.length === 0, 'one worker is at work')
    process.kill(slot.pid, 'SIGKILL')
    middle.release()
    requireFinished(await follow(server, middle.call))
    assert.equal((await listPublished(url)).length, packages.length)
    assert.ok(workerSlotsOf(server.pid).every(({ pid }) => pid !== slot.pid))
  })
})

describe('a server on its embedded PostgreSQL', () => {
  test('that was killed is followed by one that adopts the database and ends the sync', limit, async (t) => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, files)
    const upstream = await FolderUpstream.of(folder)
    const options = { dataDir: await testFolder(t) }
    const first = await startServer(t, options)
    await makeFilesMirror(first, 'done', { feed: upstream.feed })
    await syncWell(first, 'done')
    await makeFilesMirror(first, 'killed', { feed: upstream.feed })
    await writePlainFiles(folder, { ...files, late: 'late' })
    await upstream.update()
    const release = upstream.holdBack('late')
    const asked = upstream.asked('late')
    const sync = await first.client.sync('killed')
    await asked
    await first.kill()
    release()

    const second = await startServer(t, options)
    assert.match(second.log, /running embedded PostgreSQL was adopted/)
    assert.equal((await fetchBytes(`${second.url}/pulp/isos/done/file-7`)).toString(), 'text 7')
    requireFinished(await follow(second, sync))
    assert.equal((await fetchBytes(`${second.url}/pulp/isos/killed/late`)).toString(), 'late')
    assert.equal((await second.stop()).code, 0)
  })
})

interface Middle {
  readonly call: CallReport
  /** The file that the upstream does not answer until `release`. */
  readonly held: string
  readonly release: () => void
}

/** Starts a sync and resolves while it waits for the last package. */
async function syncToTheMiddle(server: DeckleServer, upstream: FolderUpstream, id: string): Promise<Middle> {
  const held = (await listPublished(upstream.feed)).at(-1)?.href ?? ''
  const release = upstream.holdBack(held)
  const asked = upstream.asked(held)
  const report = await server.client.sync(id)
  await asked
  return { call: report, held, release }
}

function checksumsOf(upstream: FolderUpstream): Record<string, string> {
  const names = packages.map(fileNameOf).sort()
  return Object.fromEntries(names.map((name) => [name, upstream.sha256(name)]))
}
