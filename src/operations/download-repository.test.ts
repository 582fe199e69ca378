import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import { Postponed } from '../core/task.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { aMirror, bytesOf, families, fetchedFrom, iso, storedIn } from '../testing/deferred-mirrors.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { downloadTask } from './download-task.ts'
import { syncTask } from './sync-repository.ts'

function step(progress: JsonObject): JsonObject {
  const [only, ...more] = progress['background_download'] as readonly JsonObject[]
  assert.ok(only !== undefined && more.length === 0)
  return only
}

onEachDatabase('a download of a repository', (fresh) => {
  let bench: WorkBench
  let shortage: string | undefined
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(await fresh.open(), folder, { space: { shortage: async () => shortage } })
  })

  after(() => rm(folder, { recursive: true }))

  const local = (id: string) => bench.services.repositories.countLocallyStored(id)

  for (const [kind, family] of Object.entries(families)) {
    it(`fetches each of the ${kind} once, and nothing the second time`, async () => {
      const names = Array.from({ length: 40 }, (_, index) => `f${index}`)
      const { id, upstream } = await aMirror(bench, family, names, { download_policy: 'on_demand', max_downloads: 3 })
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
      assert.deepEqual(fetchedFrom(upstream), names.map(family.fileName).sort())
      assert.ok(upstream.mostAtOnce <= 3, `${upstream.mostAtOnce} at once`)
      assert.deepEqual([await local(id), await bench.services.versions.get(id, 1)], [40, before])
      const again = await bench.run(downloadTask(id))
      assert.deepEqual([step(again.progress)['items_total'], fetchedFrom(upstream).length], [0, 40])
    })
  }

  it('names what cannot be had, and takes the rest', async () => {
    const { id, upstream } = await aMirror(bench, iso, ['good', 'gone', 'bad'], { download_policy: 'on_demand' })
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

  it('stops when it is cancelled, and the next one goes on', async () => {
    const { id, upstream } = await aMirror(bench, iso, ['one', 'two'], { download_policy: 'on_demand' })
    await bench.run(syncTask(id))
    const abort = new AbortController()
    upstream.put('/feed/two', { body: bytesOf(id, 'two'), stallAfter: 3 })
    upstream.onRequest = ({ path }) => path === '/feed/two' && abort.abort()
    await assert.rejects(bench.run(downloadTask(id), abort.signal))
    upstream.put('/feed/two', bytesOf(id, 'two'))
    await bench.run(downloadTask(id))
    assert.equal(await local(id), 2)
  })

  it('waits when there is no room, counting nothing against its files', async () => {
    const { id, upstream } = await aMirror(bench, iso, ['one'], { download_policy: 'on_demand' })
    await bench.run(syncTask(id))
    shortage = 'the disk is full'
    try {
      await assert.rejects(bench.run(downloadTask(id)), Postponed)
    } finally {
      shortage = undefined
    }
    assert.deepEqual(fetchedFrom(upstream), [])
    const { state, num_failures: failures } = step((await bench.run(downloadTask(id))).progress)
    assert.deepEqual([state, failures, await local(id)], ['FINISHED', 0, 1])
  })

  it('fails when the repository is not there', async () => {
    await assert.rejects(bench.run(downloadTask('nowhere')), { kind: 'not-found' })
  })

  it('replaces damaged and lost bytes when it verifies, while readers go on', async () => {
    const { id, upstream } = await aMirror(bench, iso, ['whole', 'damaged', 'lost'])
    await bench.run(syncTask(id))
    const { blobs } = bench.services
    const [damaged, lost] = [sha256Hex(bytesOf(id, 'damaged')), sha256Hex(bytesOf(id, 'lost'))]
    await writeFile(blobs.path?.(damaged) ?? '', 'these are not the bytes')
    const reader = await blobs.read(damaged)
    await blobs.remove(lost)
    upstream.requests.length = 0
    const report = step((await bench.run(downloadTask(id, true))).progress)
    assert.deepEqual([report['state'], report['items_total'], report['num_success']], ['FINISHED', 3, 3])
    assert.deepEqual([fetchedFrom(upstream), await local(id)], [['damaged', 'lost'], 3])
    for (const name of ['damaged', 'lost', 'whole'] as const) {
      const bytes = Buffer.concat(await (await blobs.read(sha256Hex(bytesOf(id, name)))).toArray())
      assert.equal(String(bytes), bytesOf(id, name))
    }
    assert.equal(String(Buffer.concat(await reader.toArray())), 'these are not the bytes')
  })

  it('calls what it cannot repair stored no more when it verifies, and takes it back when it reappears', async () => {
    const { id, upstream } = await aMirror(bench, iso, ['only'])
    await bench.run(syncTask(id))
    const { blobs } = bench.services
    const [blob] = await storedIn(bench, id)
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
