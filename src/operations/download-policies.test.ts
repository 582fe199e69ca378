import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { anRpm, servedAt, yumRepository } from '../testing/repodata.ts'
import { UpstreamServer } from '../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { downloadTask } from './download-task.ts'
import { createRepository } from './manage-repositories.ts'
import { publishTask } from './publish-repository.ts'
import { syncTask } from './sync-repository.ts'

/** Name → bytes; by either plugin. */
type Files = Readonly<Record<string, string>>

interface Family {
  readonly importer: string
  readonly distributor: string
  readonly distributorConfig: (id: string) => JsonObject
  /** Names of files as the repository shows them. */
  readonly fileName: (name: string) => string
  readonly metadata: (files: Files) => Promise<Readonly<Record<string, Buffer>>>
  /** What a sync reports that has nothing to fetch. */
  readonly nothingToFetch: (report: JsonObject) => void
}

const iso: Family = {
  importer: 'iso_importer',
  distributor: 'iso_distributor',
  distributorConfig: () => ({ serve_http: true, serve_https: false }),
  fileName: (name) => name,
  metadata: async (files) => {
    const lines = Object.entries(files).map(([name, text]) => `${name},${sha256Hex(text)},${text.length}\n`)
    return { PULP_MANIFEST: Buffer.from(lines.join('')) }
  },
  nothingToFetch: (report) => {
    const { state, num_isos, num_isos_finished, total_bytes, finished_bytes, iso_error_messages } = report
    assert.deepEqual(
      [state, num_isos, num_isos_finished, total_bytes, finished_bytes, iso_error_messages],
      ['complete', 0, 0, 0, 0, []],
    )
  },
}

const yum: Family = {
  importer: 'yum_importer',
  distributor: 'yum_distributor',
  distributorConfig: (id) => ({ relative_url: id, http: true, https: false }),
  fileName: (name) => `${name}-4.1-1.noarch.rpm`,
  // sha1: the sha256 is known with the first fetch only.
  metadata: (files) =>
    yumRepository({
      packages: Object.entries(files).map(([name, body]) => anRpm({ name, body, checksumType: 'sha' })),
    }),
  nothingToFetch: (report) => {
    const { details, ...content } = report['content'] as JsonObject
    assert.deepEqual(content, {
      state: 'FINISHED',
      items_total: 0,
      items_left: 0,
      size_total: 0,
      size_left: 0,
      error_details: [],
    })
    assert.ok(details !== undefined)
  },
}

const families = { files: iso, packages: yum }

function bytesOf(repository: string, name: string): string {
  return `bytes of ${name} in ${repository}`
}

onEachDatabase('download policies', (fresh) => {
  let bench: WorkBench
  let folder: string
  let count = 0

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(await fresh.open(), folder)
  })

  after(() => rm(folder, { recursive: true }))

  async function serve(family: Family, upstream: UpstreamServer, files: Files): Promise<void> {
    const all: Record<string, Buffer> = { ...(await family.metadata(files)) }
    for (const [name, text] of Object.entries(files)) all[family.fileName(name)] = Buffer.from(text)
    for (const [path, bytes] of Object.entries(servedAt('/feed/', all))) upstream.put(path, bytes)
  }

  /** A repository with an upstream that has these files; no other repository has their bytes. */
  async function aMirror(family: Family, names: readonly string[], config: JsonObject = {}) {
    count += 1
    const id = `mirror-${count}`
    const upstream = await UpstreamServer.start()
    await serve(family, upstream, Object.fromEntries(names.map((name) => [name, bytesOf(id, name)])))
    await createRepository(bench.services, {
      id,
      description: null,
      notes: {},
      importer: { type: family.importer, config: { feed: upstream.url('/feed/'), ...config } },
      distributors: [{ id: 'out', type: family.distributor, config: family.distributorConfig(id), autoPublish: true }],
    })
    return { id, upstream }
  }

  /** Names of the unit files that were asked for, sorted; metadata left out. */
  const fetched = (upstream: UpstreamServer) =>
    upstream.paths
      .filter((path) => !path.includes('repodata/') && !path.endsWith('PULP_MANIFEST'))
      .map((path) => path.slice('/feed/'.length))
      .sort()

  const local = (id: string) => bench.services.repositories.countLocallyStored(id)
  const units = async (id: string) =>
    Object.values((await bench.services.repositories.get(id)).counts).reduce((sum, number) => sum + number, 0)

  async function stored(id: string) {
    const files = await Array.fromAsync(bench.services.deferredFiles.ofRepository(id, 'all'))
    return files.flatMap(({ stored }) => (stored === null ? [] : [stored]))
  }

  function step(progress: JsonObject) {
    const [only, ...more] = progress['background_download'] as readonly JsonObject[]
    assert.ok(only !== undefined && more.length === 0)
    return only
  }

  for (const [kind, family] of Object.entries(families)) {
    it(`on_demand takes the metadata of ${kind} and no file, and publishes them`, async () => {
      const { id, upstream } = await aMirror(family, ['one', 'two'], { download_policy: 'on_demand' })
      const { progress, spawn } = await bench.run(syncTask(id))
      assert.deepEqual([await units(id), await local(id), fetched(upstream)], [2, 0, []])
      family.nothingToFetch(progress[family.importer] as JsonObject)
      assert.deepEqual(spawn, [publishTask(id, 'out')])
      await bench.run(publishTask(id, 'out'))
      const { key } = await bench.services.repositories.distributor(id, 'out')
      assert.equal((await bench.services.publications.live(key))?.version, 1)
    })

    it(`background asks for a download of ${kind} after the publish`, async () => {
      const { id, upstream } = await aMirror(family, ['one'], { download_policy: 'background' })
      const { spawn } = await bench.run(syncTask(id))
      assert.deepEqual([spawn, fetched(upstream)], [[publishTask(id, 'out'), downloadTask(id)], []])
      await bench.run(downloadTask(id))
      assert.deepEqual([await local(id), fetched(upstream)], [1, [family.fileName('one')]])
    })

    it(`a sync with immediate fetches the ${kind} that were left out before, although upstream is as it was`, async () => {
      const { id, upstream } = await aMirror(family, ['one', 'two'], { download_policy: 'on_demand' })
      await bench.run(syncTask(id))
      const immediate = syncTask(id, { download_policy: 'immediate' })
      await bench.run(immediate)
      assert.deepEqual(
        [await local(id), fetched(upstream)],
        [2, [family.fileName('one'), family.fileName('two')].sort()],
      )
      const [lost] = await stored(id)
      assert.ok(lost !== undefined)
      await writeFile(bench.services.blobs.path?.(lost.sha256) ?? '', 'these are not the bytes')
      await bench.services.deferredFiles.forget(lost.sha256)
      await bench.run(immediate)
      assert.deepEqual([await local(id), fetched(upstream).length], [2, 3])
      const bytes = Buffer.concat(await (await bench.services.blobs.read(lost.sha256)).toArray())
      assert.equal(sha256Hex(bytes), lost.sha256)
      await bench.run(immediate)
      assert.deepEqual([(await bench.services.repositories.get(id)).latest, fetched(upstream).length], [1, 3])
    })

    it(`a download fetches each of the ${kind} once, and nothing the second time`, async () => {
      const names = Array.from({ length: 40 }, (_, index) => `f${index}`)
      const { id, upstream } = await aMirror(family, names, { download_policy: 'on_demand', max_downloads: 3 })
      await bench.run(syncTask(id))
      const before = await bench.services.versions.get(id, 1)
      const { progress, result } = await bench.run(downloadTask(id))
      assert.equal(result, undefined)
      const { step_id: stepId, ...report } = step(progress)
      assert.match(String(stepId), /^[0-9a-f-]{36}$/)
      assert.deepEqual(report, {
        step_type: 'background_download',
        description: 'Download Repository Content',
        details: '',
        state: 'FINISHED',
        items_total: 40,
        num_processed: 40,
        num_success: 40,
        num_failures: 0,
        error_details: [],
      })
      assert.deepEqual(fetched(upstream), names.map(family.fileName).sort())
      assert.ok(upstream.mostAtOnce <= 3, `${upstream.mostAtOnce} at once`)
      assert.deepEqual([await local(id), await bench.services.versions.get(id, 1)], [40, before])
      const again = await bench.run(downloadTask(id))
      assert.deepEqual([step(again.progress)['items_total'], fetched(upstream).length], [0, 40])
    })
  }

  it('a download names what cannot be had, and takes the rest', async () => {
    const { id, upstream } = await aMirror(iso, ['good', 'gone', 'bad'], { download_policy: 'on_demand' })
    await bench.run(syncTask(id))
    upstream.remove('/feed/gone')
    upstream.put('/feed/bad', { body: bytesOf(id, 'bad'), corrupt: true })
    const report = step((await bench.run(downloadTask(id))).progress)
    const { state, num_processed: processed, num_success: success, num_failures: failures } = report
    assert.deepEqual([state, processed, success, failures], ['FAILED', 3, 1, 2])
    const errors = (report['error_details'] as readonly JsonObject[]).map(({ error }) => String(error)).sort()
    assert.match(errors[0] ?? '', /^bad: .*sha256/)
    assert.match(errors[1] ?? '', /^gone: .*404/)
    assert.equal(await local(id), 1)
  })

  it('a download that is cancelled stops, and the next one goes on', async () => {
    const { id, upstream } = await aMirror(iso, ['one', 'two'], { download_policy: 'on_demand' })
    await bench.run(syncTask(id))
    const abort = new AbortController()
    upstream.put('/feed/two', { body: bytesOf(id, 'two'), stallAfter: 3 })
    upstream.onRequest = ({ path }) => path === '/feed/two' && abort.abort()
    await assert.rejects(bench.run(downloadTask(id), abort.signal))
    upstream.put('/feed/two', bytesOf(id, 'two'))
    await bench.run(downloadTask(id))
    assert.equal(await local(id), 2)
  })

  it('a download of a repository that is not there fails', async () => {
    await assert.rejects(bench.run(downloadTask('nowhere')), { kind: 'not-found' })
  })

  it('a verifying download puts good bytes in the place of damaged and lost ones, while readers go on', async () => {
    const { id, upstream } = await aMirror(iso, ['whole', 'damaged', 'lost'])
    await bench.run(syncTask(id))
    const { blobs } = bench.services
    const [damaged, lost] = [sha256Hex(bytesOf(id, 'damaged')), sha256Hex(bytesOf(id, 'lost'))]
    await writeFile(blobs.path?.(damaged) ?? '', 'these are not the bytes')
    const reader = await blobs.read(damaged)
    await blobs.remove(lost)
    upstream.requests.length = 0
    const report = step((await bench.run(downloadTask(id, true))).progress)
    assert.deepEqual([report['state'], report['items_total'], report['num_success']], ['FINISHED', 3, 3])
    assert.deepEqual([fetched(upstream), await local(id)], [['damaged', 'lost'], 3])
    for (const name of ['damaged', 'lost', 'whole'] as const) {
      const bytes = Buffer.concat(await (await blobs.read(sha256Hex(bytesOf(id, name)))).toArray())
      assert.equal(String(bytes), bytesOf(id, name))
    }
    assert.equal(String(Buffer.concat(await reader.toArray())), 'these are not the bytes')
  })

  it('a verifying download calls stored what it cannot repair no more, and takes it back when it reappears', async () => {
    const { id, upstream } = await aMirror(iso, ['only'])
    await bench.run(syncTask(id))
    const { blobs } = bench.services
    const [blob] = await stored(id)
    const path = blobs.path?.(blob?.sha256 ?? '') ?? ''
    await writeFile(path, 'damaged')
    upstream.remove('/feed/only')
    const report = step((await bench.run(downloadTask(id, true))).progress)
    assert.deepEqual([report['state'], report['num_failures'], await local(id)], ['FAILED', 1, 0])
    await writeFile(path, bytesOf(id, 'only'))
    const again = step((await bench.run(downloadTask(id, true))).progress)
    assert.deepEqual([again['state'], await local(id)], ['FINISHED', 1])
  })
})
