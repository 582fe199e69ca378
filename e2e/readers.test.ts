import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeMirror, syncWell } from './support/mirrors.ts'
import { isLong } from './support/project.ts'
import { fetchBytes, packagesOf, recordsOf, sha256 } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, copyPackages, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const refreshes = isLong ? 5_000 : 100
/** So many publications at least must become live while clients read. */
const switches = isLong ? 200 : 10
const readers = 2

const always: PackageSpec[] = Array.from({ length: 20 }, (_, index) => ({ name: `always-${index}` }))
const odd: PackageSpec[] = [...always, { name: 'odd' }, { name: 'updated', version: '1' }]
const even: PackageSpec[] = [...always, { name: 'even' }, { name: 'updated', version: '2' }]

onEachDatabase('a client', (fresh) => {
  const server = sharedServer(fresh)

  const title = `that refreshes ${refreshes} times while publications change under it never meets a broken one`
  test(title, requireClients('rpmbuild', 'createrepo_c'), async () => {
    const built = await temporaryFolder()
    // Once: a package that is rebuilt under its old name is another one at the same path.
    await buildPackages(built, [...new Set([...odd, ...even])])
    const snapshots = [await snapshotOf(built, odd), await snapshotOf(built, even)]
    const url = await makeMirror(server(), 'moving', { feed: snapshots[0]?.feed, remove_missing: true })
    await syncWell(server(), 'moving')
    const state = { refreshes: 0, switches: 0, seen: new Set<string>(), failed: false }
    const work = [
      keepPublishing(server(), snapshots, state),
      ...Array.from({ length: readers }, () => read(url, state)),
    ]
    await Promise.all(work.map((each) => each.catch(fail(state))))
    assert.ok(state.refreshes >= refreshes)
    assert.ok(state.switches >= switches)
    assert.ok(state.seen.size > 1, 'readers met more than one publication')
  })
})

async function snapshotOf(built: string, packages: readonly PackageSpec[]): Promise<FolderUpstream> {
  const folder = await temporaryFolder()
  await copyPackages(built, folder, packages)
  await writeMetadata(folder)
  return FolderUpstream.of(folder)
}

interface State {
  refreshes: number
  switches: number
  /** Checksums of the repomd.xml that readers got. */
  readonly seen: Set<string>
  failed: boolean
}

const isDone = (state: State) => state.failed || (state.refreshes >= refreshes && state.switches >= switches)

/** The first failure ends the others. */
const fail = (state: State) => (error: unknown) => {
  state.failed = true
  throw error
}

async function keepPublishing(server: DeckleServer, snapshots: readonly FolderUpstream[], state: State): Promise<void> {
  while (!isDone(state)) {
    const feed = snapshots[(state.switches + 1) % snapshots.length]?.feed
    const tasks = await follow(server, await server.client.sync('moving', { feed }))
    requireFinished(tasks)
    assert.equal(tasks.length, 2, 'the sync has brought a publish')
    state.switches++
  }
}

async function read(url: string, state: State): Promise<void> {
  while (!isDone(state)) {
    state.seen.add(await refresh(url, state.refreshes))
    state.refreshes++
  }
}

/** As dnf does: repomd.xml, the three files that it names, one package; each must have the checksum that led to it. */
async function refresh(url: string, turn: number): Promise<string> {
  const repomd = await fetchBytes(`${url}repodata/repomd.xml`)
  const records = recordsOf(repomd.toString())
  const texts = new Map<string, string>()
  for (const type of ['primary', 'filelists', 'other']) {
    const record = records.get(type)
    assert.ok(record, `${type} is named`)
    const bytes = await fetchBytes(url + record.href)
    assert.equal(sha256(bytes), record.sha256, record.href)
    texts.set(type, gunzipSync(bytes).toString())
  }
  const packages = packagesOf(texts.get('primary') ?? '')
  assert.equal(packages.length, odd.length)
  const chosen = packages[turn % packages.length]
  assert.ok(chosen)
  assert.equal(sha256(await fetchBytes(url + chosen.href)), chosen.checksum.value)
  return sha256(repomd)
}
