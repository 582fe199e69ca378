import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Client } from 'pg'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import type { CallReport } from '../src/clients/pulp-answers.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { SeededRandom } from '../src/testing/seeded-random.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword, type DeckleServer } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { ManyVersions } from './support/many-versions.ts'
import { follow, makeFilesMirror, makeMirror, syncWell } from './support/mirrors.ts'
import { PackageUpstream } from './support/package-upstream.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { isLong } from './support/project.ts'
import { fetchBytes } from './support/published.ts'
import { call } from './support/pulp-calls.ts'
import { addressOf, readServed, type Served } from './support/served-past.ts'
import { startServer } from './support/servers.ts'

const publications = isLong ? 200 : 12
const kept = 3

onOneDatabase('the past of a repository', (fresh) => {
  async function aServer(t: TestContext, settings: Readonly<Record<string, string>> = {}) {
    const options = { dataDir: await temporaryFolder(), databaseUrl: await fresh.preparedUrl() }
    const start = (more: Readonly<Record<string, string>> = {}) =>
      startServer(t, { ...options, settings: { ...settings, ...more } })
    return { server: await start(), start }
  }

  const title = `of ${publications} publications is served byte for byte as it was, until its versions are let go`
  const clients = requireClients('rpmbuild', 'createrepo_c')
  test(title, { timeout: isLong ? 3_600_000 : 300_000, ...clients }, async (t) => {
    const seed = Number(process.env['DECKLE_TEST_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`seed ${seed}`)
    const { server: first, start } = await aServer(t, { DECKLE_RETAIN_VERSIONS: String(publications + 10) })
    const moved = await ManyVersions.on(first, new SeededRandom(seed))
    const moments: Moment[] = []
    while (moments.length < publications) {
      await moved.change()
      const served = await readServed(moved.url(first))
      moments.push({ at: new Date().toISOString(), served })
    }
    await requirePast(moved.url(first), moments)
    await requireEdges(first, moved, moments)

    await makeOrphans(first)
    await first.stop()
    const second = await start({
      DECKLE_MAINTENANCE_INTERVAL: '1',
      DECKLE_PUBLICATION_GRACE: '5',
      DECKLE_BLOB_GRACE: '16',
    })
    await collectOrphans(second)
    await requirePast(moved.url(second), moments)

    await call(second, 'PUT', `/pulp/api/v2/repositories/${moved.id}/`, { delta: { retain_versions: kept } })
    await eventually(async () => (await second.client.versions(moved.id)).length === kept)
    const since = await oldestPublication(second, moved.id)
    const [gone, there] = [moments.filter(({ at }) => at < since), moments.filter(({ at }) => at >= since)]
    assert.deepEqual([gone.length > 0, there.length], [true, kept])
    for (const { at } of gone) {
      for (const path of ['repodata/repomd.xml', '']) {
        const answer = await fetch(addressOf(moved.url(second) + path, at))
        assert.equal(answer.status, 404, at)
        assert.match(await answer.text(), new RegExp(`is not kept: it is from ${since} on`))
      }
    }
    await requirePast(moved.url(second), there)
  })

  test(
    'is brought back and passed on by the command line, and dnf sees it',
    requireClients('dnf', 'rpm'),
    async (t) => {
      const { server } = await aServer(t)
      const run = (...args: string[]) => runDeckle(server, args)
      const [old, young] = [{ name: 'tool' }, { name: 'tool', version: '2.0' }]
      const upstream = await PackageUpstream.of([old, young, { name: 'extra' }])
      await upstream.show([old])
      await makeMirror(server, 'dev', { feed: upstream.feed, remove_missing: true })
      const url = await makeMirror(server, 'production', {})
      await syncWell(server, 'dev')
      const stored = () => readdir(join(server.dataDir, 'blobs'), { recursive: true })
      const before = await stored()
      assert.equal(
        await run('promote', 'dev', 'production'),
        `production: promote
production: version 1 has the content of version 1 of dev (1 added, 0 updated, 0 removed)
production: yum_distributor shows it, with files that were there\n`,
      )
      assert.deepEqual(await stored(), before)
      const dnf = await Dnf.at(url)
      assert.deepEqual(await dnf.repoquery('--qf', '%{name}-%{version}'), ['tool-1.0'])

      await upstream.show([young, { name: 'extra' }])
      await syncWell(server, 'dev')
      await run('promote', 'dev', 'production', '--source-version', '2')
      assert.deepEqual(await dnf.repoquery('--qf', '%{name}-%{version}'), ['extra-1.0', 'tool-2.0'])

      // Its cache is younger than what it is given now; some clients do not go back in time.
      const latest = revisionOf(await fetchBytes(`${url}repodata/repomd.xml`))
      assert.match(await run('rollback', 'production', '1'), /version 3 has the content of version 1 \(1 added, 0 up/)
      assert.deepEqual(await dnf.repoquery('--qf', '%{name}-%{version}'), ['tool-1.0'])
      assert.ok(revisionOf(await fetchBytes(`${url}repodata/repomd.xml`)) >= latest)
      await dnf.install('tool')
      assert.deepEqual(await dnf.installed(), ['tool-1.0-1'])

      const changes = (await run('diff', 'production', '1', '2')).trim().split('\n')
      assert.deepEqual(
        changes.map((line) => line.replace(/^(. rpm).* name=(\S+).* version=(\S+).*$/, '$1 $2 $3')).sort(),
        ['+ rpm extra 1.0', '+ rpm tool 2.0', '- rpm tool 1.0'],
      )
      assert.equal(await run('diff', 'production', '1'), 'the same\n')
      const versions = (await run('versions', 'production')).trim().split('\n').slice(1)
      assert.deepEqual(
        versions
          .map((line) => line.split(/ {2,}/))
          .map(([number, , content, published]) => [number, content, published?.replace(/\d{4}-\S+/g, 'T')]),
        [
          ['3', 'rpm 1', 'yum_distributor from T'],
          ['2', 'rpm 2', 'yum_distributor T to T'],
          ['1', 'rpm 1', 'yum_distributor T to T'],
        ],
      )
    },
  )

  test('comes back after a sync that was running, not in the middle of it', async (t) => {
    const { server } = await aServer(t)
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { a: 'first' })
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server, 'zoo', { feed: upstream.feed, remove_missing: true })
    await syncWell(server, 'zoo')
    await writePlainFiles(folder, { a: 'second', b: 'second' })
    await upstream.update()
    const release = upstream.holdBack('b')
    const asked = upstream.asked('b')
    const sync = await server.client.sync('zoo')
    await asked
    const rollback = await server.client.rollback('zoo', 1)
    assert.equal((await server.client.task(rollback.spawned_tasks[0]?.task_id ?? '')).state, 'waiting')
    release()
    requireFinished(await follow(server, sync))
    requireFinished(await follow(server, rollback))
    assert.equal((await fetchBytes(`${url}a`)).toString(), 'first')
    assert.deepEqual(await server.client.diff('zoo', 1, 3), [])
    assert.equal((await server.client.diff('zoo', 2, 3)).length, 3)
    // What upstream has is known to be other than what the repository has.
    await syncWell(server, 'zoo')
    assert.deepEqual(await server.client.diff('zoo', 2, 4), [])
  })

  const storm = 'is passed round between repositories at once, while versions and orphans are taken away'
  test(storm, { timeout: 180_000 }, async (t) => {
    const { server } = await aServer(t, {
      DECKLE_MAINTENANCE_INTERVAL: '1',
      DECKLE_PUBLICATION_GRACE: '0',
      DECKLE_RETAIN_VERSIONS: '1',
    })
    const ids = ['red', 'green', 'blue']
    const contents = new Set<string>()
    for (const id of ids) {
      const folder = await temporaryFolder()
      await writePlainFiles(folder, { shared: 'the same', [id]: id })
      await makeFilesMirror(server, id, { feed: (await FolderUpstream.of(folder)).feed, remove_missing: true })
      await syncWell(server, id)
      contents.add(await manifestOf(server, id))
    }
    const rounds = isLong ? 100 : 8
    for (let round = 0; round < rounds; round += 1) {
      const calls: Promise<CallReport>[] = ids.flatMap((id, at) => [
        // Unpublished versions are not kept for long.
        server.client.promote(id, { id: ids[(at + 1) % 3] ?? '' }, { publish: false }),
        server.client.promote(id, { id: ids[(at + 2) % 3] ?? '' }),
      ])
      const tasks = await Promise.all(
        [...calls, server.client.deleteOrphans('iso')].map(async (one) => follow(server, await one)),
      )
      for (const { state, error } of tasks.flat())
        if (state !== 'finished') assert.match(error?.description ?? state, /version/)
      for (const id of ids) assert.ok(contents.has(await manifestOf(server, id)), `${id} shows a mixture`)
      for (const id of ids)
        for (const name of namesOf(await manifestOf(server, id)))
          await fetchBytes(`${server.url}/pulp/isos/${id}/${name}`)
    }
  })
})

interface Moment {
  readonly at: string
  readonly served: Served
}

async function requirePast(url: string, moments: readonly Moment[]): Promise<void> {
  for (const { at, served } of moments) assert.deepEqual(await readServed(url, at), served, at)
}

/** Each began at its first millisecond and no earlier, as the list of versions has it. */
async function requireEdges(
  server: DeckleServer,
  { id, url }: ManyVersions,
  moments: readonly Moment[],
): Promise<void> {
  const listed = (await server.client.versions(id)).flatMap((version) => version.publications)
  const begun = listed.map((publication) => publication.live_from).sort()
  assert.equal(begun.length, moments.length)
  const repomd = (at: string) => fetchBytes(addressOf(`${url(server)}repodata/repomd.xml`, at))
  for (const [index, from] of begun.entries()) {
    assert.equal((await repomd(from)).toString(), moments[index]?.served['repodata/repomd.xml'])
    const before = moments[index - 1]
    if (before === undefined) continue
    const last = new Date(Date.parse(from) - 1).toISOString()
    assert.equal((await repomd(last)).toString(), before.served['repodata/repomd.xml'])
  }
}

async function oldestPublication(server: DeckleServer, id: string): Promise<string> {
  const versions = await server.client.versions(id)
  const [oldest] = versions.flatMap(({ publications }) => publications.map(({ live_from: from }) => from)).sort()
  assert.ok(oldest)
  return oldest
}

/** Something that a collection of space finds. */
async function makeOrphans(server: DeckleServer): Promise<void> {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, { doomed: 'doomed' })
  await makeFilesMirror(server, 'doomed', { feed: (await FolderUpstream.of(folder)).feed })
  await syncWell(server, 'doomed')
  requireFinished(await follow(server, await server.client.deleteRepository('doomed')))
}

/** Returns when the maintenance has been through: what nobody refers to has gone from the disk. */
async function collectOrphans(server: DeckleServer): Promise<void> {
  const count = async () => (await filesBelow(join(server.dataDir, 'blobs'))).length
  const before = await count()
  requireFinished(await follow(server, await server.client.deleteOrphans('iso')))
  await letReservationsEnd(server)
  await eventually(async () => (await count()) < before)
}

/** Who has just stored a file may refer to it for an hour; then that is over. */
async function letReservationsEnd(server: DeckleServer): Promise<void> {
  const client = new Client({ connectionString: server.databaseUrl })
  await client.connect()
  await client.query("UPDATE blob SET reserved_until = reserved_until - interval '1 hour'")
  await client.end()
}

/** Prints what the command line says, on either output; throws when it fails. */
async function runDeckle(server: DeckleServer, args: readonly string[]): Promise<string> {
  const url = new URL(server.url)
  url.username = 'admin'
  url.password = adminPassword
  const { code, stdout, stderr } = await deckle(['repo', ...args], { DECKLE_URL: url.href })
  assert.equal(code, 0, stderr)
  return stdout + stderr
}

function revisionOf(repomd: Buffer): number {
  return Number(/<revision>(\d+)</.exec(repomd.toString())?.[1])
}

async function manifestOf(server: DeckleServer, id: string): Promise<string> {
  return (await fetchBytes(`${server.url}/pulp/isos/${id}/PULP_MANIFEST`)).toString()
}

function namesOf(manifest: string): readonly string[] {
  return manifest
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(',')[0] ?? '')
}
