import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import type { Copier } from '../core/copier.ts'
import { everything } from '../core/criteria.ts'
import { DeckleError } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { Plugins } from '../core/plugin.ts'
import type { NewTask, Task } from '../core/task.ts'
import type { AssociationCriteria } from '../core/unit-reader.ts'
import { registerContentTypes } from '../database/units/content-type-ids.ts'
import { PostgresUnitReader } from '../database/units/postgres-unit-reader.ts'
import { plugins } from '../plugins/index.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { aMirror, bytesOf, families, fetchedFrom, iso } from '../testing/deferred-mirrors.ts'
import { runningTask } from '../testing/fences.ts'
import { MemoryTasks } from '../testing/memory-tasks.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import type { Permit } from './additional-copies.ts'
import { type CopyOrder, requestCopy } from './copy-units.ts'
import { downloadTask } from './download-task.ts'
import { createRepository } from './manage-repositories.ts'
import { requestRemoval } from './remove-units.ts'
import { syncTask } from './sync-repository.ts'

const all: AssociationCriteria = {
  unit: everything,
  association: everything,
  unitSort: [],
  associationSort: [],
  skip: 0,
}
const named = (pattern: string): AssociationCriteria => ({
  ...all,
  unit: { kind: 'field', path: ['name'], test: { op: 'matches', pattern, options: '' } },
})

function asNew({ operation, arguments: given, tags, resources }: Task): NewTask {
  return { operation, arguments: given, tags, resources }
}

/** Lets something happen between what is found and what is done with it. */
class RacingUnits extends PostgresUnitReader {
  race: (() => Promise<unknown>) | undefined

  override async select(repositoryId: string, criteria: AssociationCriteria) {
    const selected = await super.select(repositoryId, criteria)
    const { race } = this
    this.race = undefined
    await race?.()
    return selected
  }
}

onEachDatabase('copying and removing units', (fresh) => {
  let bench: WorkBench
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(await fresh.open(), folder)
  })

  after(() => rm(folder, { recursive: true }))

  let count = 0
  async function aRepository(importer?: string, config: JsonObject = {}): Promise<string> {
    count += 1
    const id = `repository-${count}`
    const attached = importer === undefined ? {} : { importer: { type: importer, config } }
    await createRepository(bench.services, { id, description: null, notes: {}, distributors: [], ...attached })
    return id
  }

  /** A repository with files of these names, which is synced. */
  async function filled(names: readonly string[], config: JsonObject = {}) {
    const mirror = await aMirror(bench, iso, names, config)
    await bench.run(syncTask(mirror.id))
    return mirror
  }

  /** The task as it is queued. */
  async function copyOf(
    to: string,
    order: Partial<CopyOrder> & { sourceId: string },
    { plugins: among = bench.services.plugins, permit = async () => {} }: { plugins?: Plugins; permit?: Permit } = {},
  ): Promise<NewTask> {
    const services = { ...bench.services, plugins: among, tasks: new MemoryTasks() }
    return asNew(await requestCopy(services, to, { criteria: all, override: {}, ...order }, permit))
  }

  async function removalOf(from: string, criteria: AssociationCriteria): Promise<NewTask> {
    return asNew(await requestRemoval({ ...bench.services, tasks: new MemoryTasks() }, from, criteria))
  }

  const counts = async (id: string) => (await bench.services.repositories.get(id)).counts
  const names = async (id: string) => {
    const held = await Array.fromAsync(bench.services.units.associations(id, all, {}))
    return held.map(({ unit }) => unit.metadata['name']).sort()
  }
  function keysIn(result: unknown, field = 'name'): readonly unknown[] {
    assert.ok(isJsonObject(result as JsonObject))
    const list = (result as JsonObject)['units_successful']
    assert.ok(Array.isArray(list))
    return list
      .map((entry) => isJsonObject(entry) && isJsonObject(entry['unit_key']) && entry['unit_key'][field])
      .sort()
  }

  it('copies what the criteria find when the task runs, and reports it', async () => {
    const source = await filled(['apple', 'avocado', 'banana'])
    const target = await aRepository('iso_importer')
    const task = await copyOf(target, { sourceId: source.id, criteria: named('^a') })
    assert.deepEqual(task.resources, [`repository:${target}`])
    assert.deepEqual(task.tags, [`repository:${target}`, `repository:${source.id}`, 'action:associate'])
    await bench.run(await removalOf(source.id, named('^avo')))
    const { result } = await bench.run(task)
    assert.deepEqual([keysIn(result), await names(target)], [['apple'], ['apple']])
    const { lastUnitAdded, lastUnitRemoved, latest } = await bench.services.repositories.get(target)
    assert.deepEqual(
      [await counts(target), lastUnitAdded !== null, lastUnitRemoved, latest],
      [{ iso: 1 }, true, null, 1],
    )
    const again = await bench.run(task)
    assert.deepEqual([keysIn(again.result), (await bench.services.repositories.get(target)).latest], [['apple'], 1])
  })

  it('takes units out, and says nothing where none is found', async () => {
    const orphans = async () => (await bench.services.orphans.count())['iso'] ?? 0
    const former = await orphans()
    const { id } = await filled(['one', 'two', 'three'])
    const removal = await removalOf(id, named('^t'))
    assert.deepEqual(
      [removal.resources, removal.tags],
      [[`repository:${id}`], [`repository:${id}`, 'action:unassociate']],
    )
    const { result } = await bench.run(removal)
    assert.deepEqual([keysIn(result), await names(id), await counts(id)], [['three', 'two'], ['one'], { iso: 1 }])
    assert.notEqual((await bench.services.repositories.get(id)).lastUnitRemoved, null)
    assert.deepEqual((await bench.run(removal)).result, {})
    assert.equal((await bench.services.repositories.get(id)).latest, 2)
    assert.equal(await orphans(), former + 2)
  })

  it('needs an importer on both sides', async () => {
    const [bare, target] = [await aRepository(), await aRepository('iso_importer')]
    const missing = { kind: 'not-found', details: { resources: { repo_id: bare } } }
    await assert.rejects(bench.run(await copyOf(target, { sourceId: bare })), missing)
    await assert.rejects(bench.run(await copyOf(bare, { sourceId: target })), missing)
  })

  it('refuses a source with a type that the importer does not take, even if none of it is selected', async () => {
    const source = await filled(['one'])
    const target = await aRepository('demo_importer')
    const copy = await copyOf(target, { sourceId: source.id, criteria: named('^x') })
    await assert.rejects(bench.run(copy), { kind: 'invalid', details: { code: 'PLP0044' } })
    await bench.run(await removalOf(source.id, all))
    assert.deepEqual(keysIn((await bench.run(copy)).result), [])
  })

  it('is not queued for a repository that is missing, or with an option that it cannot honour', async () => {
    const [rpms, files] = [await aRepository('yum_importer'), await aRepository('iso_importer')]
    await assert.rejects(copyOf('nowhere', { sourceId: rpms }), { kind: 'not-found' })
    await assert.rejects(removalOf('nowhere', all), { kind: 'not-found' })
    const noSource = { kind: 'invalid', details: { fields: ['source_repo_id'], fault: 'invalid' } }
    await assert.rejects(copyOf(rpms, { sourceId: 'nowhere' }), noSource)
    const refused = { kind: 'invalid', details: { fields: ['recursive'], fault: 'invalid' } }
    await assert.rejects(copyOf(rpms, { sourceId: rpms, override: { recursive: 'maybe' } }), refused)
    const copy = await copyOf(rpms, { sourceId: rpms, override: { recursive: true, other: 1 } })
    assert.deepEqual(copy.arguments['override'], { recursive: true, other: 1 })
    await copyOf(files, { sourceId: rpms, override: { recursive: 'maybe' } })
  })

  it('may look into further sources, but names each repository once, and only such as are there and may be changed', async () => {
    const [from, to, other, third] = [
      await aRepository('yum_importer'),
      await aRepository('yum_importer'),
      await aRepository('yum_importer'),
      await aRepository('yum_importer'),
    ]
    const asking = (additional: Json, recursive = true, permit?: Permit) => {
      const override = { recursive, additional_repos: additional }
      return copyOf(to, { sourceId: from, override }, permit && { permit })
    }
    const refused = (id: string) => ({
      kind: 'invalid',
      message: new RegExp(`additional_repos.*\\b${id}\\b`),
      details: { fields: ['additional_repos'], fault: 'invalid' },
    })
    await assert.rejects(asking({ nowhere: other }), refused('nowhere'))
    await assert.rejects(asking({ [other]: 'nowhere' }), refused('nowhere'))
    await assert.rejects(asking({ [other]: other }), refused(other))
    await assert.rejects(asking({ [other]: to }), refused(to))
    await assert.rejects(asking({ [from]: other }), refused(from))
    await assert.rejects(asking({ [to]: other }), refused(to))
    await assert.rejects(asking([other]), refused('object'))
    const forbidden = new DeckleError('forbidden', 'no')
    const permit = async (id: string) => {
      if (id === third) throw forbidden
    }
    await assert.rejects(asking({ [other]: third }, true, permit), forbidden)
    const task = await asking({ [other]: third })
    assert.deepEqual(task.resources, [`repository:${to}`, `repository:${third}`])
    const named = [to, third, from, other].map((id) => `repository:${id}`)
    assert.deepEqual(task.tags, [...named, 'action:associate'])
    assert.deepEqual((await asking({ [other]: third }, false)).resources, [`repository:${to}`])
  })

  it('copies files that are not stored, which can be fetched when the source is deleted', async () => {
    for (const family of Object.values(families)) {
      const source = await aMirror(bench, family, ['later'], { download_policy: 'on_demand' })
      await bench.run(syncTask(source.id))
      const target = await aRepository(family.importer)
      await bench.run(await copyOf(target, { sourceId: source.id }))
      assert.deepEqual(fetchedFrom(source.upstream), [])
      await bench.services.repositories.delete(source.id, await runningTask(bench.opened.database))
      const fence = await runningTask(bench.opened.database)
      await bench.services.orphans.delete({}, fence, new AbortController().signal)
      await bench.run(downloadTask(target))
      const files = await Array.fromAsync(bench.services.deferredFiles.ofRepository(target, 'all'))
      assert.deepEqual(
        files.map(({ stored }) => stored?.size),
        [bytesOf(source.id, 'later').length],
      )
    }
  })

  it('begins again when a unit that it found is deleted at this moment', async () => {
    const source = await filled(['stays', 'goes'])
    const target = await aRepository('iso_importer')
    const { opened, services } = bench
    const units = new RacingUnits(
      opened.database,
      await registerContentTypes(opened.database, services.plugins.contentTypes),
    )
    units.race = async () => {
      await bench.run(await removalOf(source.id, named('^goes')))
      await services.orphans.delete({}, await runningTask(opened.database), new AbortController().signal)
    }
    const other = await openWorkBench(opened, folder, { units })
    const { result } = await other.run(await copyOf(target, { sourceId: source.id }))
    assert.deepEqual([units.race, keysIn(result), await names(target)], [undefined, ['stays'], ['stays']])
  })

  it('takes along what the importer wants, of the state of the source that was searched', async () => {
    const source = await filled(['apple', 'pear', 'plum', 'fig'])
    const target = await aRepository('iso_importer', { along: '^p' })
    const plain = await copyOf(target, { sourceId: source.id, criteria: named('^a'), override: { along: null } })
    const { opened, services } = bench
    const units = new RacingUnits(
      opened.database,
      await registerContentTypes(opened.database, services.plugins.contentTypes),
    )
    const seen: unknown[][] = []
    const other = await openWorkBench(opened, folder, { units, plugins: takingAlong(seen) })
    assert.deepEqual(keysIn((await other.run(plain)).result), ['apple'])
    const copy = await copyOf(target, { sourceId: source.id, criteria: named('^a') })
    units.race = async () => bench.run(await removalOf(source.id, named('^pear')))
    assert.deepEqual(keysIn((await other.run(copy)).result), ['apple', 'plum'])
    assert.deepEqual([units.race, await names(target)], [undefined, ['apple', 'plum']])
    assert.deepEqual(seen, [['apple']])
  })

  it('takes along from further sources into targets of their own, as one copy', async () => {
    const [source, second] = [await filled(['apple', 'pear']), await filled(['plum', 'quince'])]
    const [target, other] = [await aRepository('iso_importer'), await aRepository('iso_importer')]
    const among = takingAlong([])
    const order = {
      sourceId: source.id,
      criteria: named('^a'),
      override: { along: '^p', from: { [second.id]: other } },
    }
    const copy = await copyOf(target, order, { plugins: among })
    const working = await openWorkBench(bench.opened, folder, { plugins: among })
    const { result } = await working.run(copy)
    assert.deepEqual(keysIn(result), ['apple', 'pear', 'plum'])
    assert.deepEqual([await names(target), await names(other)], [['apple', 'pear'], ['plum']])
  })
})

interface AlongOptions {
  readonly pattern: RegExp
  readonly targets: ReadonlyMap<string, string>
}

/**
 * Copies take along what matches `along`, from each of the sources that `from` names as well; `seen` gets, of each run, the names in the
 * target.
 */
function takingAlong(seen: unknown[][]): Plugins {
  const copier: Copier<AlongOptions> = {
    options: ({ along, from }) => {
      const targets = new Map(Object.entries(isJsonObject(from) ? from : {}).map(([id, to]) => [id, String(to)]))
      return typeof along === 'string' ? { pattern: new RegExp(along), targets } : undefined
    },
    additional: ({ targets }) => ({ field: 'from', targets }),
    async *further(run) {
      const held = await Array.fromAsync(run.target({ types: ['iso'] }))
      seen.push(held.map(({ unit }) => unit.metadata['name']))
      yield { place: run, ids: [...run.selected] }
      for (const place of [run, ...run.additional])
        for await (const { unit } of place.source({ types: ['iso'], fields: ['name'] }))
          if (run.options.pattern.test(String(unit.metadata['name']))) yield { place, ids: [unit.id, unit.id] }
    },
  }
  return new Plugins(
    plugins.map((plugin) => ({ ...plugin, importers: plugin.importers.map((importer) => ({ ...importer, copier })) })),
  )
}
