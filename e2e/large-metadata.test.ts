import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { DeckleServer, serverEnvironment } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeLargeRepository } from './support/large-repository.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { peakMegabytes, workerSlotsOf } from './support/processes.ts'
import { isLong, program } from './support/project.ts'
import type { PackageSpec } from './support/rpm-packages.ts'
import { stopAfter, testFolder } from './support/servers.ts'

const described = isLong ? 50_000 : 1_000
/** Of the parent of the workers and its slot together (DESIGN §6), which holds for the bundle. */
const mostMegabytes = 200
const wanted: PackageSpec = { name: 'wanted', bytes: 50_000, requires: ['needed'] }
const real: readonly PackageSpec[] = [wanted, { name: 'needed', bytes: 10_000 }, { name: 'unwanted', bytes: 10_000 }]

const options = { ...requireClients('rpmbuild', 'createrepo_c', 'dnf'), timeout: isLong ? 1_800_000 : 120_000 }

onOneDatabase(`a mirror on demand of ${described} packages, with its worker in a process of its own`, (fresh) => {
  test('gives dnf what it installs, fetches nothing else, and is small', options, async (t) => {
    const folder = await temporaryFolder()
    const metadata = await makeLargeRepository(folder, described, real)
    const upstream = await FolderUpstream.of(folder)
    const { server, worker } = await startSplit(t, await fresh.preparedUrl())

    const url = await makeMirror(server, 'large', { feed: upstream.feed, download_policy: 'on_demand' })
    const synced = await upstream.requestsOf(() => syncWell(server, 'large'))
    // A tree is looked for, under both names.
    const [hidden, last] = [synced.shift(), synced.pop()]
    assert.deepEqual([hidden, last, synced.length], ['.treeinfo', 'treeinfo', metadata.length + 1])
    assert.ok(synced.every((path) => path.startsWith('repodata/')))
    const { content_unit_counts: counts } = await server.client.repository('large')
    assert.equal(counts['rpm'], described + real.length)
    const [slot, ...others] = workerSlotsOf(worker.pid)
    assert.ok(slot !== undefined && others.length === 0, 'one slot is at work')
    const peak = peakMegabytes([worker.pid, slot.pid])
    t.diagnostic(`the worker and its slot held ${peak.toFixed()} MB at most`)

    const dnf = await Dnf.at(url)
    const cached = await upstream.requestsOf(async () => assert.equal((await dnf.run('makecache')).code, 0))
    assert.deepEqual(cached, [])
    const installed = await upstream.requestsOf(() => dnf.install('wanted'))
    assert.deepEqual(installed, ['needed-1.0-1.noarch.rpm', 'wanted-1.0-1.noarch.rpm'])
    assert.deepEqual(await dnf.installed(), ['needed-1.0-1', 'wanted-1.0-1'])
    if (isLong) assert.ok(peak <= mostMegabytes, `the worker and its slot held ${peak} MB`)
  })
})

/** Two processes on one database and one folder of stored files. */
async function startSplit(
  t: TestContext,
  databaseUrl: string,
): Promise<Readonly<Record<'server' | 'worker', DeckleServer>>> {
  const shared = { DECKLE_BLOBS: join(await testFolder(t), 'blobs'), DECKLE_BLOBS_SHARED: 'true' }
  const start = async (role: string, settings: Readonly<Record<string, string>> = {}) => {
    const options = { dataDir: await testFolder(t), databaseUrl, settings: { ...shared, ...settings } }
    const { DECKLE_HTTP_PORT: port, ...plain } = serverEnvironment(options)
    // A worker that is given a port listens there for probes, which takes memory of its own.
    const env = role === 'worker' ? plain : { ...plain, DECKLE_HTTP_PORT: port }
    const child = spawn(process.execPath, [program, 'serve', '--role', role], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const server = await DeckleServer.of(child, options)
    stopAfter(t, server)
    return server
  }
  return { server: await start('api,content'), worker: await start('worker', { DECKLE_WORKERS: '1' }) }
}
