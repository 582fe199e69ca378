import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword, type DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes, sha256, statusOf } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'
import { uploadFile } from './support/work-flow.ts'

const api = '/pulp/api/v2'

/** Six files of 100 kB that no other repository has. */
function someFiles(): Readonly<Record<string, string>> {
  const names = ['keep-1', 'keep-2', 'keep-3', 'drop-1', 'drop-2', 'drop-3']
  return Object.fromEntries(names.map((name) => [name, randomBytes(50_000).toString('hex')]))
}

onEachDatabase('units that are copied and removed', (fresh) => {
  const server = sharedServer(fresh, () => ({
    DECKLE_MAINTENANCE_INTERVAL: '1',
    DECKLE_PUBLICATION_GRACE: '5',
    DECKLE_BLOB_GRACE: '16',
  }))

  async function aMirror(id: string, files: Readonly<Record<string, string>>, importer: object = {}) {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, files)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server(), id, { feed: upstream.feed, ...importer })
    await syncWell(server(), id)
    return { url, upstream }
  }

  async function act(path: string, body: object) {
    const tasks = await poll(server(), await call(server(), 'POST', `${api}/repositories/${path}/`, body))
    assert.deepEqual(
      tasks.map(({ state, error }) => [state, error]),
      tasks.map(() => ['finished', null]),
    )
    return tasks
  }

  const publish = (id: string) => act(`${id}/actions/publish`, { id: 'iso_distributor' })

  test('are those that match, can be published and fetched, and stay when the source is deleted', async () => {
    const files = someFiles()
    const { upstream } = await aMirror('source', files, { download_policy: 'on_demand' })
    const url = await makeFilesMirror(server(), 'chosen', {})
    const filters = { unit: { name: { $regex: '^keep-[12]$' } } }
    const criteria = { type_ids: ['iso'], filters, sort: { unit: [['name', 'ascending']] } }
    const [copy] = await act('chosen/actions/associate', { source_repo_id: 'source', criteria })
    const chosen = ['keep-1', 'keep-2']
    assert.deepEqual(copy?.result, {
      units_successful: chosen.map((name) => ({ type_id: 'iso', unit_key: keyOf(name, files[name] ?? '') })),
    })
    await publish('chosen')
    assert.deepEqual(namesIn((await fetchBytes(`${url}PULP_MANIFEST`)).toString()), chosen)
    assert.equal((await fetchBytes(`${url}keep-1`)).toString(), files['keep-1'])
    assert.equal(await statusOf(`${url}keep-3`), 404)
    requireFinished(await follow(server(), await server().client.deleteRepository('source')))
    assert.equal((await fetchBytes(`${url}keep-2`)).toString(), files['keep-2'])
    assert.ok(upstream.server.paths.some((path) => path.endsWith('keep-2')))
  })

  test('are copied and removed by the command line', async () => {
    await aMirror('shelf', { 'a-1': 'a', 'a-2': 'b', 'b-1': 'c' })
    await makeFilesMirror(server(), 'drawer', {})
    const url = new URL(server().url)
    url.username = 'admin'
    url.password = adminPassword
    const run = (...args: string[]) => deckle(['repo', ...args], { DECKLE_URL: url.href })
    const copy = await run('copy', 'shelf', 'drawer', '--type', 'iso', '--match', 'name~^a')
    assert.deepEqual([copy.code, copy.stderr.trim().split('\n').at(-1)], [0, 'drawer: copied 2 units from shelf'])
    const removal = await run('remove-units', 'drawer', '--match', 'name=a-2')
    assert.deepEqual([removal.code, removal.stderr.trim().split('\n').at(-1)], [0, 'drawer: removed 1 unit'])
    assert.deepEqual((await server().client.repository('drawer')).content_unit_counts, { iso: 1 })
    const bare = await run('remove-units', 'drawer')
    assert.deepEqual([bare.code === 0, /--all/.test(bare.stderr)], [false, true])
  })

  const title = 'are orphans, are deleted, and free their bytes, while a reader refreshes and an upload runs'
  test(title, { timeout: 180_000 }, async () => {
    const files = someFiles()
    const { url } = await aMirror('shrinking', files)
    const full = await storedBytes(server())
    const reader = refreshUntilStopped(url)
    const arrivals = await makeFilesMirror(server(), 'arrivals', {})
    const uploader = uploadUntilStopped(server(), 'arrivals')

    const criteria = { filters: { unit: { name: { $regex: '^drop' } } } }
    const [removal] = await act('shrinking/actions/unassociate', { criteria })
    assert.equal(Object(removal?.result).units_successful.length, 3)
    const digests = new Map(Object.entries(files).map(([name, text]) => [sha256(Buffer.from(text)), name]))
    assert.deepEqual(await orphansAmong(digests), ['drop-1', 'drop-2', 'drop-3'])
    await publish('shrinking')
    // Until nobody can be in the middle of the publication that has them, they stay.
    await eventually(async () => {
      requireFinished(await follow(server(), await server().client.deleteOrphans('iso')))
      return (await orphansAmong(digests)).length === 0
    })
    await anHourLater(server())
    const stored = async () =>
      (await blobNames(server()))
        .map((digest) => digests.get(digest))
        .filter(Boolean)
        .sort()
    await eventually(async () => (await stored()).length === 3)
    const kept = ['keep-1', 'keep-2', 'keep-3']
    assert.deepEqual(await stored(), kept)
    const uploaded = await uploader.stop()
    const uploadedBytes = [...uploaded.values()].reduce((sum, { size }) => sum + size, 0)
    assert.ok((await storedBytes(server())) < full + uploadedBytes - 290_000)

    const { refreshes, lists } = await reader.stop()
    assert.ok(refreshes > 3, `${refreshes} refreshes`)
    assert.deepEqual(lists, [['drop-1', 'drop-2', 'drop-3', ...kept].join(), kept.join()])
    await publish('arrivals')
    assert.ok(uploaded.size > 3, `${uploaded.size} uploads`)
    for (const [name, { checksum }] of uploaded) assert.equal(sha256(await fetchBytes(arrivals + name)), checksum)
  })

  async function orphansAmong(digests: ReadonlyMap<string, string>): Promise<readonly unknown[]> {
    const { body } = await call(server(), 'GET', `${api}/content/orphans/iso/`)
    assert.ok(Array.isArray(body))
    return body.flatMap(({ checksum }) => digests.get(checksum) ?? []).sort()
  }
})

/** Refreshes as a client does, over and over: the list, then every file of it, whole. */
function refreshUntilStopped(url: string) {
  const lists: string[] = []
  let stopped = false
  let refreshes = 0
  const running = (async () => {
    for (; !stopped; refreshes += 1) {
      const manifest = (await fetchBytes(`${url}PULP_MANIFEST`)).toString()
      const names = namesIn(manifest).join()
      if (lists.at(-1) !== names) lists.push(names)
      for (const line of manifest.trim().split(/\r?\n/)) {
        const [name = '', digest] = line.split(',')
        assert.equal(sha256(await fetchBytes(url + name)), digest, name)
      }
    }
  })()
  // Whoever stops it sees what went wrong.
  running.catch(() => undefined)
  return {
    async stop() {
      stopped = true
      await running
      return { refreshes, lists }
    },
  }
}

/** Uploads files over and over, each in chunks, and imports them. Stops with the keys of those that are in the repository, by name. */
function uploadUntilStopped(server: DeckleServer, repository: string) {
  const uploaded = new Map<string, ReturnType<typeof keyOf>>()
  let stopped = false
  const running = (async () => {
    while (!stopped) {
      const bytes = randomBytes(50_000)
      const unit_key = keyOf(`upload-${uploaded.size}`, bytes)
      await uploadFile(server, repository, bytes, { unit_type_id: 'iso', unit_key })
      uploaded.set(unit_key.name, unit_key)
    }
  })()
  running.catch(() => undefined)
  return {
    async stop() {
      stopped = true
      await running
      return uploaded
    },
  }
}

/** Who has just stored a file may refer to it for an hour; then that is over. */
async function anHourLater(server: DeckleServer): Promise<void> {
  const client = new Client({ connectionString: server.databaseUrl })
  await client.connect()
  await client.query("UPDATE blob SET reserved_until = reserved_until - interval '1 hour'")
  await client.end()
}

/** sha256 of everything that is stored whole. */
async function blobNames(server: DeckleServer): Promise<readonly string[]> {
  const paths = await filesBelow(join(server.dataDir, 'blobs'))
  return paths.map((path) => path.split('/').at(-1) ?? '').filter((name) => /^[0-9a-f]{64}$/.test(name))
}

/** Bytes of all of that. */
async function storedBytes(server: DeckleServer): Promise<number> {
  const root = join(server.dataDir, 'blobs')
  const paths = (await filesBelow(root)).filter((path) => /[0-9a-f]{64}$/.test(path))
  // What goes at this moment has no bytes any more.
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(join(root, path)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function keyOf(name: string, content: string | Buffer) {
  return { name, checksum: sha256(Buffer.from(content)), size: content.length }
}

function namesIn(manifest: string): readonly string[] {
  const lines = manifest.trim().split(/\r?\n/)
  return lines.map((line) => line.split(',')[0] ?? '').sort()
}
