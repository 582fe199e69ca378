import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import type { JsonObject } from '../../core/json.ts'
import { silentLog } from '../../core/log.ts'
import { PostgresContentCatalog } from '../../database/catalog/postgres-content-catalog.ts'
import { UndiciDownloader } from '../../download/undici-downloader.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { aContentSource, MemoryContentSources } from '../../testing/memory-content-sources.ts'
import { anRpm, servedAt, yumRepository } from '../../testing/repodata.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../../testing/work-bench.ts'
import { downloadTask } from '../download-task.ts'
import { createRepository } from '../manage-repositories.ts'
import { syncTask } from '../sync-repository.ts'
import { AlternateSources } from './alternate-sources.ts'
import { refreshSourceTask } from './refresh-sources.ts'
import { SourceHealth } from './source-health.ts'

const names = ['lion', 'bear', 'wolf', 'lynx', 'crow', 'seal', 'toad', 'mole']
const bodyOf = (name: string) => `the package ${name}`
const packages = names.map((name) => anRpm({ name, body: bodyOf(name) }))

/** A yum repository at `/repo/`; `bodies` changes what it has for its packages. */
async function aRepository(bodies: (name: string) => string | undefined = bodyOf): Promise<UpstreamServer> {
  const server = await UpstreamServer.start()
  const files = servedAt('/repo/', await yumRepository({ packages }))
  for (const [path, body] of Object.entries(files)) server.put(path, body)
  for (const { name, href } of packages) {
    const body = bodies(name)
    if (body !== undefined) server.put(`/repo/${href}`, body)
  }
  return server
}

const rpmsAsked = (server: UpstreamServer) => server.requests.filter(({ path }) => path.endsWith('.rpm')).length

onOneDatabase('content sources', (fresh) => {
  const sources = new MemoryContentSources()
  let bench: WorkBench
  let folder: string
  let count = 0

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    const opened = await fresh.open()
    const downloader = new UndiciDownloader({ retry: { attempts: 1 } })
    const alternates = () =>
      new AlternateSources({
        sources,
        catalog: new PostgresContentCatalog(opened.database),
        openDownloader: async () => downloader,
        idleMs: 10,
        lookMs: 0,
        log: silentLog,
      })
    bench = await openWorkBench(opened, folder, { contentSources: sources, alternates: alternates() })
  })
  after(() => rm(folder, { recursive: true }))
  beforeEach(() => {
    sources.all.length = 0
  })

  async function declare(server: UpstreamServer, change: Parameters<typeof aContentSource>[2] = {}): Promise<string> {
    count += 1
    const id = `source-${count}`
    sources.all.push(aContentSource(id, server.url('/repo/'), change))
    sources.all.sort((left, right) => left.priority - right.priority)
    return id
  }

  /** A repository with packages that no other one has. */
  async function aMirror(upstream: UpstreamServer, config: JsonObject = {}): Promise<string> {
    count += 1
    const id = `mirror-${count}`
    const importer = { type: 'yum_importer', config: { feed: upstream.url('/repo/'), ...config } }
    await createRepository(bench.services, { id, description: null, notes: {}, importer, distributors: [] })
    return id
  }

  /** As if nothing had been stored before. */
  async function forgetAll(): Promise<void> {
    for (const name of names) await bench.services.deferredFiles.forget(sha256Hex(bodyOf(name)))
  }

  async function storedOf(id: string): Promise<number> {
    return bench.services.repositories.countLocallyStored(id)
  }

  it('give a sync the files, of which upstream is asked for none', async () => {
    const [upstream, near] = [await aRepository(), await aRepository()]
    const id = await declare(near)
    const { result } = await bench.run(refreshSourceTask(id))
    assert.deepEqual(result, [{ source_id: id, succeeded: true, url: near.url('/repo/'), added_count: 8, errors: [] }])
    const mirror = await aMirror(upstream)
    await bench.run(syncTask(mirror))
    assert.deepEqual([rpmsAsked(upstream), rpmsAsked(near), await storedOf(mirror)], [0, 8, 8])
  })

  it('are tried by priority; what they have wrong or not at all comes from the next, upstream at last', async () => {
    await forgetAll()
    const upstream = await aRepository()
    const corrupt = await aRepository((name) => (name === 'lion' ? 'the package LION' : undefined))
    const second = await aRepository((name) => (name === 'lion' || name === 'bear' ? bodyOf(name) : undefined))
    const first = await declare(corrupt, { priority: 1 })
    const then = await declare(second, { priority: 2 })
    for (const id of [first, then]) await bench.run(refreshSourceTask(id))
    const mirror = await aMirror(upstream)
    await bench.run(syncTask(mirror))
    assert.equal(await storedOf(mirror), 8)
    const asked = (server: UpstreamServer, name: string) =>
      server.requests.filter(({ path }) => path.includes(`/${name}-`)).length
    assert.ok(asked(corrupt, 'lion') > 0)
    assert.deepEqual([asked(second, 'lion'), asked(upstream, 'lion')], [1, 0])
    assert.equal(rpmsAsked(upstream), 6)
  })

  it('that are absent cost a sync some tries, then they are left out', async () => {
    await forgetAll()
    const [upstream, absent] = [await aRepository(), await aRepository(() => undefined)]
    const id = await declare(absent, { upstream: { feed: absent.url('/repo/'), maxDownloads: 1 } })
    await bench.run(refreshSourceTask(id))
    const mirror = await aMirror(upstream)
    await bench.run(syncTask(mirror))
    assert.deepEqual([await storedOf(mirror), rpmsAsked(upstream)], [8, 8])
    assert.equal(rpmsAsked(absent), 5)
  })

  it('give a download task the files, also of what was taken on demand', async () => {
    await forgetAll()
    const [upstream, near] = [await aRepository(), await aRepository()]
    const mirror = await aMirror(upstream, { download_policy: 'on_demand' })
    await bench.run(syncTask(mirror))
    await bench.run(refreshSourceTask(await declare(near)))
    await forgetAll()
    assert.equal(await storedOf(mirror), 0)
    await bench.run(downloadTask(mirror))
    assert.deepEqual([await storedOf(mirror), rpmsAsked(near), rpmsAsked(upstream)], [8, 8, 0])
  })

  it('are not asked when they are disabled, expired or without a catalog', async () => {
    await forgetAll()
    const [upstream, near] = [await aRepository(), await aRepository()]
    await bench.run(refreshSourceTask(await declare(near, { enabled: false })))
    await bench.run(refreshSourceTask(await declare(near, { expiresSeconds: 0 })))
    await declare(near)
    const mirror = await aMirror(upstream)
    await bench.run(syncTask(mirror))
    assert.deepEqual([rpmsAsked(near), rpmsAsked(upstream)], [0, 8])
  })

  it('that cannot be read are an error that names them, and keep their catalog', async () => {
    await forgetAll()
    const [upstream, near] = [await aRepository(), await aRepository()]
    const id = await declare(near)
    await bench.run(refreshSourceTask(id))
    near.put('/repo/repodata/repomd.xml', { status: 404 })
    const data = { id, url: near.url('/repo/') }
    await assert.rejects(bench.run(refreshSourceTask(id)), { kind: 'upstream', details: { code: 'PLP0031', data } })
    const odd = await declare(near, { type: 'nothing' })
    await assert.rejects(bench.run(refreshSourceTask(odd)), /there is no cataloger nothing/)
    await bench.run(syncTask(await aMirror(upstream)))
    assert.equal(rpmsAsked(near), 8)
  })

  it('of plain files are read from their manifests', async () => {
    const near = await UpstreamServer.start()
    near.put('/repo/PULP_MANIFEST', `a.img,${sha256Hex('A')},1\n`)
    near.put('/repo/a.img', 'A')
    const upstream = await UpstreamServer.start()
    upstream.put('/repo/PULP_MANIFEST', `other.img,${sha256Hex('A')},1\n`)
    await bench.run(refreshSourceTask(await declare(near, { type: 'iso' })))
    const importer = { type: 'iso_importer', config: { feed: upstream.url('/repo/') } }
    await createRepository(bench.services, { id: 'images', description: null, notes: {}, importer, distributors: [] })
    await bench.run(syncTask('images'))
    assert.equal(await storedOf('images'), 1)
  })
})

describe('SourceHealth', () => {
  it('leaves a source out after five failures in a row, for five minutes', () => {
    const health = new SourceHealth()
    const left = [1, 2, 3, 4, 5, 6].map((at) => health.fails('a', at))
    assert.deepEqual(left, [false, false, false, false, true, false])
    assert.deepEqual([health.isFit('a', 7), health.isFit('b', 7), health.isFit('a', 300_006)], [false, true, true])
    health.works('a')
    assert.equal(health.isFit('a', 7), true)
  })
})
