import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import type { OpenDatabase } from '../../database/connection.ts'
import { PostgresDeferredFileStore } from '../../database/files/postgres-deferred-file-store.ts'
import { PostgresRepositoryStore } from '../../database/repository-store.ts'
import { PostgresBlobCatalog } from '../../database/space/postgres-blob-catalog.ts'
import { registerContentTypes } from '../../database/units/content-type-ids.ts'
import { PostgresVersionStore } from '../../database/versions/version-store.ts'
import { thingType } from '../../testing/catalog.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { neverAborts as signal } from '../../testing/downloads.ts'
import { eventually } from '../../testing/eventually.ts'
import { runningTask } from '../../testing/fences.ts'
import { allOf, OnDemandBench, type OnDemandNode } from '../../testing/on-demand-bench.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'

onEachDatabase('fetchers of two processes on one database', (fresh) => {
  let opened: OpenDatabase
  let files: PostgresDeferredFileStore
  let versions: PostgresVersionStore

  before(async () => {
    opened = await fresh.open()
    files = new PostgresDeferredFileStore(opened.database)
    versions = new PostgresVersionStore(
      opened.database,
      opened.pool,
      await registerContentTypes(opened.database, [thingType]),
    )
  })

  async function open(): Promise<{ upstream: UpstreamServer; nodes: readonly OnDemandNode[] }> {
    const bench = await OnDemandBench.open()
    const blobCatalog = new PostgresBlobCatalog(opened.database)
    const nodes = [await bench.node({ files, blobCatalog }), await bench.node({ files, blobCatalog })]
    return { upstream: await UpstreamServer.start(), nodes }
  }

  /** A repository of one file that is not stored; its key. */
  async function aFile(upstream: UpstreamServer, name: string, bytes: Buffer, told = allOf(bytes)): Promise<number> {
    const repositories = new PostgresRepositoryStore(opened.database)
    const importer = { type: 'stub_importer', config: {} }
    await repositories.create({ id: name, displayName: null, description: null, notes: {} }, importer, [])
    const file = { path: name, digests: [], ...told, urls: [upstream.url(`/${name}`)] }
    const unit = { type: 'thing', key: { name }, metadata: { name }, files: [file] }
    const draft = await versions.open(name, await runningTask(opened.database))
    await draft.examine([unit])
    await draft.add([{ unit, fetched: new Map() }])
    await draft.commit()
    const [missing] = await Array.fromAsync(files.ofRepository(name, 'missing'))
    assert.ok(missing !== undefined)
    return missing.key
  }

  it('ask upstream once, and both have the file', async () => {
    const { upstream, nodes } = await open()
    const bytes = randomBytes(200_000)
    const gate = Promise.withResolvers<void>()
    upstream.put('/once', { body: bytes, until: gate.promise })
    const key = await aFile(upstream, 'once', bytes)
    const fetched = Array.from({ length: 100 }, (_, index) => nodes[index % 2]?.fetcher.fetch(key, { signal }))
    await eventually(() => upstream.paths.includes('/once'))
    gate.resolve()
    for (const blob of await Promise.all(fetched)) assert.equal(blob?.sha256, sha256Hex(bytes))
    assert.deepEqual(upstream.paths, ['/once'])
    assert.equal(await files.hasMissing('once'), false)
  })

  it('take over from each other, and learn what a file is of which nothing was known', async () => {
    const { upstream, nodes } = await open()
    const bytes = randomBytes(200_000)
    upstream.put('/unknown', [{ body: bytes, stallAfter: 100_000 }, { body: bytes }])
    const key = await aFile(upstream, 'unknown', bytes, {})
    const fetched = nodes.map(({ fetcher }) => fetcher.fetch(key, { signal }))
    await eventually(() => upstream.paths.includes('/unknown'))
    await opened.pool.query("UPDATE fetch_lease SET until = clock_timestamp() - interval '1 ms', holder = 'nobody'")
    for (const blob of await Promise.all(fetched)) assert.equal(blob.sha256, sha256Hex(bytes))
    const [stored] = await Array.fromAsync(files.ofRepository('unknown', 'all'))
    assert.deepEqual(stored?.stored, { sha256: sha256Hex(bytes), size: bytes.length })
  })
})
