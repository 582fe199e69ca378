import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { requireFinished } from '../../src/clients/follow-tasks.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import type { DeckleServer } from './deckle-server.ts'
import { FolderUpstream } from './folder-upstream.ts'
import { follow, makeMirror, syncWell } from './mirrors.ts'
import { packagesOf, recordsOf, sha256 } from './published.ts'
import { writeMetadata } from './repository-metadata.ts'
import { buildPackages, copyPackages, type PackageSpec } from './rpm-packages.ts'

const always: PackageSpec[] = Array.from({ length: 20 }, (_, index) => ({ name: `always-${index}` }))
const odd: PackageSpec[] = [...always, { name: 'odd' }, { name: 'updated', version: '1' }]
const even: PackageSpec[] = [...always, { name: 'even' }, { name: 'updated', version: '2' }]

export interface Movement {
  /** Refreshes that readers make at least, all together. */
  readonly refreshes: number
  /** Publications that become live meanwhile at least. */
  readonly switches: number
  readonly readers: number
}

interface State extends Movement {
  done: number
  switched: number
  failed: boolean
  /** Checksums of the repomd.xml that readers got. */
  readonly seen: Set<string>
}

/**
 * Publishes two states of an upstream by turns, back to back, through one server, while clients refresh from any of several servers:
 * each request of a refresh goes to the next one, on a connection of its own. Throws at the first broken refresh.
 */
export async function refreshWhilePublishing(
  publisher: DeckleServer,
  servers: readonly DeckleServer[],
  movement: Movement,
): Promise<void> {
  const snapshots = await makeSnapshots()
  await makeMirror(publisher, 'moving', { feed: snapshots[0]?.feed, remove_missing: true })
  await syncWell(publisher, 'moving')
  const state: State = { ...movement, done: 0, switched: 0, failed: false, seen: new Set() }
  const bases = servers.map((server) => `${server.url}/pulp/repos/moving/`)
  const readers = Array.from({ length: movement.readers }, (_, first) => keepReading(bases, first, state))
  const work = [keepPublishing(publisher, snapshots, state), ...readers]
  await Promise.all(work.map((each) => each.catch(fail(state))))
  assert.ok(state.done >= movement.refreshes)
  assert.ok(state.switched >= movement.switches)
  assert.ok(state.seen.size > 1, 'readers met more than one publication')
}

async function makeSnapshots(): Promise<readonly FolderUpstream[]> {
  const built = await temporaryFolder()
  // Once: a package that is rebuilt under its old name is another one at the same path.
  await buildPackages(built, [...new Set([...odd, ...even])])
  return [await snapshotOf(built, odd), await snapshotOf(built, even)]
}

async function snapshotOf(built: string, packages: readonly PackageSpec[]): Promise<FolderUpstream> {
  const folder = await temporaryFolder()
  await copyPackages(built, folder, packages)
  await writeMetadata(folder)
  return FolderUpstream.of(folder)
}

const isDone = (state: State) => state.failed || (state.done >= state.refreshes && state.switched >= state.switches)

/** The first failure ends the others. */
const fail = (state: State) => (error: unknown) => {
  state.failed = true
  throw error
}

async function keepPublishing(server: DeckleServer, snapshots: readonly FolderUpstream[], state: State): Promise<void> {
  while (!isDone(state)) {
    const feed = snapshots[(state.switched + 1) % snapshots.length]?.feed
    const tasks = await follow(server, await server.client.sync('moving', { feed }))
    requireFinished(tasks)
    assert.equal(tasks.length, 2, 'the sync has brought a publish')
    state.switched++
  }
}

async function keepReading(bases: readonly string[], first: number, state: State): Promise<void> {
  for (let turn = first; !isDone(state); turn++) {
    state.seen.add(await refresh(bases, turn))
    state.done++
  }
}

/** As dnf does: repomd.xml, the three files that it names, one package; each must have the checksum that led to it. */
async function refresh(bases: readonly string[], first: number): Promise<string> {
  let turn = first
  const get = (path: string) => fetchAlone(bases[turn++ % bases.length] + path)
  const repomd = await get('repodata/repomd.xml')
  const records = recordsOf(repomd.toString())
  const texts = new Map<string, string>()
  for (const type of ['primary', 'filelists', 'other']) {
    const record = records.get(type)
    assert.ok(record, `${type} is named`)
    const bytes = await get(record.href)
    assert.equal(sha256(bytes), record.sha256, record.href)
    texts.set(type, gunzipSync(bytes).toString())
  }
  const packages = packagesOf(texts.get('primary') ?? '')
  assert.equal(packages.length, odd.length)
  const chosen = packages[first % packages.length]
  assert.ok(chosen)
  assert.equal(sha256(await get(chosen.href)), chosen.checksum.value)
  return sha256(repomd)
}

/** On a connection of its own, so that processes which share a port take turns; throws for any answer but 200. */
export async function fetchAlone(url: string): Promise<Buffer> {
  const outgoing = request(url, { agent: false })
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const bytes = Buffer.concat(await Array.fromAsync<Buffer>(incoming))
  if (incoming.statusCode !== 200) throw new Error(`${url} answers ${incoming.statusCode}`)
  return bytes
}
