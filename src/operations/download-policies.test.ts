import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { aMirror, families, fetchedFrom, storedIn } from '../testing/deferred-mirrors.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { downloadTask } from './download-task.ts'
import { publishTask } from './publish-repository.ts'
import { syncTask } from './sync-repository.ts'

onEachDatabase('download policies', (fresh) => {
  let bench: WorkBench
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(await fresh.open(), folder)
  })

  after(() => rm(folder, { recursive: true }))

  const local = (id: string) => bench.services.repositories.countLocallyStored(id)
  const units = async (id: string) =>
    Object.values((await bench.services.repositories.get(id)).counts).reduce((sum, number) => sum + number, 0)

  for (const [kind, family] of Object.entries(families)) {
    it(`on_demand takes the metadata of ${kind} and no file, and publishes them`, async () => {
      const { id, upstream } = await aMirror(bench, family, ['one', 'two'], { download_policy: 'on_demand' })
      const { progress, spawn } = await bench.run(syncTask(id))
      assert.deepEqual([await units(id), await local(id), fetchedFrom(upstream)], [2, 0, []])
      family.nothingToFetch(progress[family.importer] as JsonObject)
      assert.deepEqual(spawn, [publishTask(id, 'out')])
      await bench.run(publishTask(id, 'out'))
      const { key } = await bench.services.repositories.distributor(id, 'out')
      assert.equal((await bench.services.publications.live(key))?.version, 1)
    })

    it(`background asks for a download of ${kind} after the publish`, async () => {
      const { id, upstream } = await aMirror(bench, family, ['one'], { download_policy: 'background' })
      const { spawn } = await bench.run(syncTask(id))
      assert.deepEqual([spawn, fetchedFrom(upstream)], [[publishTask(id, 'out'), downloadTask(id)], []])
      await bench.run(downloadTask(id))
      assert.deepEqual([await local(id), fetchedFrom(upstream)], [1, [family.fileName('one')]])
    })

    it(`a sync with immediate fetches the ${kind} that were left out before, although upstream is as it was`, async () => {
      const { id, upstream } = await aMirror(bench, family, ['one', 'two'], { download_policy: 'on_demand' })
      await bench.run(syncTask(id))
      const immediate = syncTask(id, { download_policy: 'immediate' })
      await bench.run(immediate)
      assert.deepEqual(
        [await local(id), fetchedFrom(upstream)],
        [2, [family.fileName('one'), family.fileName('two')].sort()],
      )
      const [lost] = await storedIn(bench, id)
      assert.ok(lost !== undefined)
      await writeFile(bench.services.blobs.path?.(lost.sha256) ?? '', 'these are not the bytes')
      await bench.services.deferredFiles.forget(lost.sha256)
      await bench.run(immediate)
      assert.deepEqual([await local(id), fetchedFrom(upstream).length], [2, 3])
      const bytes = Buffer.concat(await (await bench.services.blobs.read(lost.sha256)).toArray())
      assert.equal(sha256Hex(bytes), lost.sha256)
      await bench.run(immediate)
      assert.deepEqual([(await bench.services.repositories.get(id)).latest, fetchedFrom(upstream).length], [1, 3])
    })
  }
})
