import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { onEachDatabase, onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword, type DeckleServer } from './support/deckle-server.ts'
import { memoryOf } from './support/processes.ts'
import { inProject, isLong } from './support/project.ts'
import { fetchBytes, listPublished, sha256, statusOf } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'

const api = '/pulp/api/v2'
/** As pulp-smash sends them. */
const chunkBytes = 200_000
const authorization = `Basic ${btoa(`admin:${adminPassword}`)}`

async function makeRepository(server: DeckleServer, id: string): Promise<void> {
  const distributor_config = { serve_http: true, serve_https: false }
  const made = await call(server, 'POST', `${api}/repositories/`, {
    id,
    importer_type_id: 'iso_importer',
    distributors: [{ distributor_id: 'iso', distributor_type_id: 'iso_distributor', distributor_config }],
  })
  assert.equal(made.status, 201)
}

async function makeUpload(server: DeckleServer): Promise<string> {
  const { status, body } = await call(server, 'POST', `${api}/content/uploads/`)
  assert.equal(status, 201)
  return Object(body).upload_id
}

async function write(server: DeckleServer, upload: string, offset: number, body: Buffer): Promise<number> {
  const path = `${api}/content/uploads/${upload}/${offset}/`
  const response = await fetch(`${server.url}${path}`, { method: 'PUT', headers: { authorization }, body })
  await response.text()
  return response.status
}

async function importTo(server: DeckleServer, repository: string, upload_id: string, unit_key: object) {
  const body = { upload_id, unit_type_id: 'iso', unit_key }
  const [task] = await poll(
    server,
    await call(server, 'POST', `${api}/repositories/${repository}/actions/import_upload/`, body),
  )
  assert.ok(task)
  return task
}

async function publish(server: DeckleServer, id: string): Promise<void> {
  await poll(server, await call(server, 'POST', `${api}/repositories/${id}/actions/publish/`, { id: 'iso' }))
}

/** Sends half of a chunk and leaves the rest away, until the server is killed under it. */
async function beginChunk(server: DeckleServer, upload: string, offset: number, chunk: Buffer) {
  const headers = { authorization, 'content-length': chunk.length }
  const sending = request(`${server.url}${api}/content/uploads/${upload}/${offset}/`, { method: 'PUT', headers })
  const cut = once(sending, 'error')
  sending.write(chunk.subarray(0, chunk.length / 2))
  await once(sending, 'socket')
  await eventually(() => sending.socket?.writableLength === 0)
  return { cut }
}

const uploadsFolder = (server: DeckleServer) => join(server.dataDir, 'blobs', 'uploads')

onEachDatabase('an upload', (fresh) => {
  test('goes on after the server was killed between its chunks and in one of them, and is served', {
    timeout: 120_000,
  }, async (t) => {
    const settings = { DECKLE_CONTENT_PROCESSES: '2', DECKLE_MAX_BODY: '1' }
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl(), settings }
    const bytes = randomBytes((isLong ? 400 : 23) * chunkBytes - 77)
    const offsets = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) => index * chunkBytes)
    const chunkAt = (offset: number) => bytes.subarray(offset, offset + chunkBytes)
    const first = await startServer(t, options)
    await makeRepository(first, 'disks')
    const upload = await makeUpload(first)
    // Backwards, so that the file is sparse for a while.
    const [before, after] = [offsets.slice(-12).toReversed(), offsets.slice(0, -12)]
    for (const offset of before) assert.equal(await write(first, upload, offset, chunkAt(offset)), 200)
    const begun = await beginChunk(first, upload, 0, chunkAt(0))
    await first.kill()
    await begun.cut

    const second = await startServer(t, options)
    const listed = await call(second, 'GET', `${api}/content/uploads/`)
    assert.deepEqual(listed.body, { upload_ids: [upload] })
    for (const offset of after) assert.equal(await write(second, upload, offset, chunkAt(offset)), 200)
    assert.equal(await write(second, upload, chunkBytes, chunkAt(chunkBytes)), 200)
    const key = { name: 'disk.iso', checksum: sha256(bytes), size: bytes.length }
    const task = await importTo(second, 'disks', upload, key)
    assert.deepEqual([task.state, task.result], ['finished', { success_flag: true, summary: null, details: null }])
    await publish(second, 'disks')
    assert.equal((await call(second, 'DELETE', `${api}/content/uploads/${upload}/`)).status, 200)
    assert.deepEqual(await readdir(uploadsFolder(second)), [])
    assert.ok((await fetchBytes(`${second.url}/pulp/isos/disks/disk.iso`)).equals(bytes))
    const manifest = await fetchBytes(`${second.url}/pulp/isos/disks/PULP_MANIFEST`)
    assert.equal(String(manifest), `disk.iso,${key.checksum},${key.size}\r\n`)
  })
})

onOneDatabase('uploads', (fresh) => {
  const server = sharedServer(fresh, () => ({ DECKLE_UPLOADS_MAX_BYTES: '200000000' }))

  function run(...args: string[]) {
    const url = new URL(server().url)
    url.username = 'admin'
    url.password = adminPassword
    return deckle(args, { DECKLE_URL: url.href })
  }

  test('that are not there, or not what their key says, change nothing', async () => {
    await makeRepository(server(), 'strict')
    const bytes = Buffer.from('some bytes')
    const key = { name: 'x.iso', checksum: sha256(bytes), size: bytes.length }
    const unknown = await importTo(server(), 'strict', randomUUID(), key)
    assert.deepEqual([unknown.state, unknown.error?.code], ['error', 'PLP0009'])
    const upload = await makeUpload(server())
    await write(server(), upload, 0, Buffer.from('some Bytes'))
    const wrong = await importTo(server(), 'strict', upload, key)
    assert.deepEqual([wrong.state, wrong.error?.code], ['error', 'PLP0047'])
    assert.deepEqual(Object((await call(server(), 'GET', `${api}/repositories/strict/`)).body).content_unit_counts, {})
    await write(server(), upload, 0, bytes)
    assert.equal((await importTo(server(), 'strict', upload, key)).state, 'finished')
    await call(server(), 'DELETE', `${api}/content/uploads/${upload}/`)
  })

  test('larger than the setting are refused before they are sent', async () => {
    const upload = await makeUpload(server())
    assert.equal(await write(server(), upload, 199_999_999, Buffer.from('ab')), 400)
    assert.equal(await write(server(), upload, 199_999_998, Buffer.from('ab')), 200)
    assert.equal((await stat(join(uploadsFolder(server()), upload))).size, 200_000_000)
    await call(server(), 'DELETE', `${api}/content/uploads/${upload}/`)
  })

  test('are not held in memory, however large a request is', async (t) => {
    // Made first: that takes so long that a connection at rest might just be closed when it is used again.
    const bytes = Buffer.alloc(190_000_000, randomBytes(1_000_000))
    const upload = await makeUpload(server())
    t.after(() => call(server(), 'DELETE', `${api}/content/uploads/${upload}/`))
    await write(server(), upload, 0, bytes.subarray(0, 1_000_000))
    const before = memoryOf(server().pid).now
    assert.equal(await write(server(), upload, 0, bytes), 200)
    // V8 lets 64 MB of buffers gather that nobody holds any longer before it looks after them.
    const growth = memoryOf(server().pid).peak - before
    assert.ok(growth < 110, `the server holds ${growth} MB more`)
  })

  test('that nobody goes on with are removed, and leftovers of a crash with them', { timeout: 60_000 }, async (t) => {
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() }
    const before = await startServer(t, options)
    const upload = await makeUpload(before)
    await before.stop()
    await writeFile(join(uploadsFolder(before), randomUUID()), 'left')
    // The first round of the maintenance looks after uploads.
    const settings = { DECKLE_UPLOADS_KEEP_SECONDS: '1', DECKLE_MAINTENANCE_INTERVAL: '1' }
    const tidy = await startServer(t, { ...options, settings })
    await eventually(async () => (await readdir(uploadsFolder(tidy))).length === 0)
    assert.deepEqual((await call(tidy, 'GET', `${api}/content/uploads/`)).body, { upload_ids: [] })
    assert.equal(await write(tidy, upload, 0, Buffer.from('x')), 404)
  })

  test('of files are one command, which leaves none behind', async () => {
    const folder = await temporaryFolder()
    const files = { 'a b.iso': randomBytes(2_500_000), empty: Buffer.alloc(0) }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
    await makeRepository(server(), 'desk')
    const paths = Object.keys(files).map((name) => join(folder, name))
    const { code, stdout, stderr } = await run('repo', 'upload', 'desk', ...paths, '--json')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /a b\.iso uploaded\n.*empty uploaded\n.*deckle repo publish desk\n$/s)
    assert.deepEqual(
      JSON.parse(stdout).files,
      paths.map((file) => ({ file, error: null })),
    )
    await publish(server(), 'desk')
    for (const [name, bytes] of Object.entries(files))
      assert.ok((await fetchBytes(`${server().url}/pulp/isos/desk/${encodeURIComponent(name)}`)).equals(bytes))
  })

  test('of packages are the same command', requireClients('rpm'), async () => {
    const packages = (await readdir(inProject('sample/repository'), { recursive: true })).filter((name) =>
      name.endsWith('.rpm'),
    )
    const paths = packages.map((name) => inProject(join('sample/repository', name)))
    const distributor_config = { relative_url: 'mill/', http: true, https: false }
    await call(server(), 'POST', `${api}/repositories/`, {
      id: 'mill',
      importer_type_id: 'yum_importer',
      distributors: [{ distributor_id: 'yum', distributor_type_id: 'yum_distributor', distributor_config }],
    })
    const { code, stderr } = await run('repo', 'upload', 'mill', ...paths)
    assert.equal(code, 0, stderr)
    assert.equal((await run('repo', 'publish', 'mill')).code, 0)
    assert.equal((await listPublished(`${server().url}/pulp/repos/mill/`)).length, packages.length)
  })

  test('that fail are told, each by its file, and the others go in', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'PULP_MANIFEST'), 'no unit')
    await writeFile(join(folder, 'good'), 'a unit')
    await makeRepository(server(), 'mixed')
    const outcome = await run('repo', 'upload', 'mixed', join(folder, 'PULP_MANIFEST'), join(folder, 'good'))
    assert.equal(outcome.code, 1)
    assert.match(outcome.stderr, /PULP_MANIFEST failed: .*\n.*good uploaded\ndeckle: 1 of 2 files are not in mixed\n$/s)
    const missing = await run('repo', 'upload', 'mixed', join(folder, 'nothing'))
    assert.deepEqual([missing.code, missing.stdout], [2, ''])
    assert.equal((await run('repo', 'upload', 'no-such', join(folder, 'good'))).code, 1)
    assert.equal(await statusOf(`${server().url}/pulp/isos/mixed/good`), 404)
    assert.deepEqual((await call(server(), 'GET', `${api}/content/uploads/`)).body, { upload_ids: [] })
  })
})
