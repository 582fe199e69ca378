import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { runningTask } from '../testing/fences.ts'
import { UpstreamServer } from '../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { createRepository } from './manage-repositories.ts'
import { publishTask } from './publish-repository.ts'
import { syncTask } from './sync-repository.ts'

type Files = Readonly<Record<string, string>>

/** Serves these files with their manifest, and nothing else. */
function serve(upstream: UpstreamServer, files: Files): void {
  const lines = Object.entries(files).map(([name, text]) => `${name},${sha256Hex(text)},${Buffer.byteLength(text)}\n`)
  upstream.put('/feed/PULP_MANIFEST', lines.join(''))
  for (const [name, text] of Object.entries(files)) upstream.put(`/feed/${name}`, text)
}

onEachDatabase('sync and publish', (fresh) => {
  let opened: OpenDatabase
  let bench: WorkBench
  let folder: string
  let count = 0

  before(async () => {
    opened = await fresh.open()
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(opened, folder)
  })

  after(() => rm(folder, { recursive: true }))

  afterEach(async () => {
    assert.deepEqual(await readdir(`${folder}/blobs/staging`), [], 'temporary files stayed')
  })

  /** A repository of files with its upstream; everything of it in a new folder. */
  async function aMirror(files: Files, config: JsonObject = {}) {
    const upstream = await UpstreamServer.start()
    serve(upstream, files)
    count += 1
    const id = `mirror-${count}`
    await createRepository(bench.services, {
      id,
      description: null,
      notes: {},
      importer: { type: 'iso_importer', config: { feed: upstream.url('/feed/'), ...config } },
      distributors: [
        { id: 'iso', type: 'iso_distributor', config: { serve_http: true, serve_https: false }, autoPublish: true },
      ],
    })
    return { id, upstream }
  }

  async function names(id: string): Promise<readonly unknown[]> {
    const { latest } = await bench.services.repositories.get(id)
    const units = bench.services.versions.units({ repositoryId: id, version: latest, types: ['iso'], order: ['name'] })
    return (await Array.fromAsync(units)).map(({ unit }) => unit.metadata['name'])
  }

  async function lastSync(id: string) {
    const [entry] = await bench.services.histories.syncs(id, { sort: 'descending', limit: 1 })
    assert.ok(entry !== undefined)
    return entry
  }

  async function published(id: string) {
    const live = await bench.services.publications.live((await bench.services.repositories.distributor(id, 'iso')).key)
    return live === undefined ? undefined : { version: live.version, id: live.id }
  }

  it('mirrors what upstream has, records it, and asks for a publish', async () => {
    const { id } = await aMirror({ one: 'first', two: 'second' })
    const outcome = await bench.run(syncTask(id))
    assert.deepEqual(await names(id), ['one', 'two'])
    assert.deepEqual(outcome.spawn, [publishTask(id, 'iso')])
    const entry = await lastSync(id)
    assert.deepEqual([entry.result, entry.added, entry.updated, entry.removed], ['success', 2, 0, 0])
    assert.equal((outcome.progress['iso_importer'] as JsonObject)['num_isos_finished'], 2)
  })

  it('fetches only the manifest and makes no version when nothing has changed', async () => {
    const { id, upstream } = await aMirror({ one: 'first' })
    await bench.run(syncTask(id))
    upstream.requests.length = 0
    await bench.run(syncTask(id))
    assert.deepEqual(upstream.paths, ['/feed/PULP_MANIFEST'])
    assert.equal((await bench.services.repositories.get(id)).latest, 1)
  })

  it('fetches only what is new, and keeps what is gone upstream', async () => {
    const { id, upstream } = await aMirror({ one: 'first', two: 'second' })
    await bench.run(syncTask(id))
    upstream.remove('/feed/one')
    upstream.requests.length = 0
    serve(upstream, { two: 'second', three: 'never seen before' })
    await bench.run(syncTask(id))
    assert.deepEqual(upstream.paths, ['/feed/PULP_MANIFEST', '/feed/three'])
    assert.deepEqual(await names(id), ['one', 'three', 'two'])
  })

  it('takes out what is gone upstream when told to, from the next version only', async () => {
    const { id, upstream } = await aMirror({ one: 'first', two: 'second' }, { remove_missing: true })
    await bench.run(syncTask(id))
    serve(upstream, { two: 'second' })
    await bench.run(syncTask(id))
    assert.deepEqual(await names(id), ['two'])
    assert.deepEqual((await bench.services.versions.get(id, 1)).counts, { iso: 2 })
    assert.equal((await lastSync(id)).removed, 1)
  })

  it('mirrors the rest when one file is bad, names it, and keeps the old one of that name', async () => {
    const { id, upstream } = await aMirror({ good: 'a', bad: 'old' }, { remove_missing: true })
    await bench.run(syncTask(id))
    serve(upstream, { good: 'b', bad: 'new' })
    upstream.put('/feed/bad', 'neW')
    await assert.rejects(bench.run(syncTask(id)), /bad/)
    const { version, ...entry } = { version: await names(id), ...(await lastSync(id)) }
    assert.equal(entry.result, 'failed')
    assert.match(JSON.stringify(entry.summary), /bad/)
    assert.ok(version.includes('good'))
    serve(upstream, { good: 'b', bad: 'new' })
    await bench.run(syncTask(id))
    assert.deepEqual(await names(id), ['bad', 'good'])
  })

  it('changes nothing when the manifest cannot be read', async () => {
    const { id, upstream } = await aMirror({ one: 'first' })
    await bench.run(syncTask(id))
    await bench.run(publishTask(id, 'iso'))
    const before = await published(id)
    upstream.put('/feed/PULP_MANIFEST', 'not, a manifest')
    await assert.rejects(bench.run(syncTask(id)), { kind: 'upstream' })
    assert.deepEqual([await names(id), await published(id)], [['one'], before])
    assert.equal((await lastSync(id)).result, 'failed')
  })

  it('ends as canceled, with nothing visible, when it is aborted on the way', async () => {
    const { id, upstream } = await aMirror({ one: 'comes', two: 'stalls on its way' })
    const abort = new AbortController()
    upstream.put('/feed/two', { body: 'stalls on its way', stallAfter: 3 })
    upstream.onRequest = ({ path }) => path === '/feed/two' && abort.abort()
    await assert.rejects(bench.run(syncTask(id), abort.signal))
    assert.equal((await bench.services.repositories.get(id)).latest, 0)
    assert.equal((await lastSync(id)).result, 'canceled')
  })

  it('publishes a version once, and again when the config has changed', async () => {
    const { id } = await aMirror({ one: 'first' })
    await bench.run(syncTask(id))
    await bench.run(publishTask(id, 'iso'))
    const first = await published(id)
    await bench.run(publishTask(id, 'iso'))
    assert.deepEqual(await published(id), first)
    const [skipped] = await bench.services.histories.publishes(id, 'iso', { sort: 'descending' })
    assert.equal(skipped?.result, 'skipped')
    const config = { serve_http: true, serve_https: true }
    const fence = await runningTask(opened.database)
    await bench.services.repositories.updateDistributor(id, 'iso', { config }, fence)
    await bench.run(publishTask(id, 'iso'))
    assert.notDeepEqual(await published(id), first)
  })

  it('shows nothing any more after the repository was deleted', async () => {
    const { id } = await aMirror({ one: 'first' })
    await bench.run(syncTask(id))
    await bench.run(publishTask(id, 'iso'))
    assert.ok((await published(id)) !== undefined)
    await bench.run({ operation: 'delete-repository', arguments: { repository: id }, tags: [], resources: [] })
    await assert.rejects(bench.services.repositories.get(id), { kind: 'not-found' })
    const { rows } = await opened.pool.query('SELECT FROM live_publication WHERE base_path = $1', [`/pulp/isos/${id}`])
    assert.equal(rows.length, 0)
  })
})
