import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { JsonObject } from '../core/json.ts'
import { Plugins } from '../core/plugin.ts'
import type { NewTask } from '../core/task.ts'
import { plugins } from '../plugins/index.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { plugin as raising } from '../testing/raising-plugin.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { addDistributor } from './manage-distributors.ts'
import { createRepository, type WantedRepository } from './manage-repositories.ts'

/** The parts of the raising plugin, which write down what their hooks are told. */
function recordedPlugin(told: string[]) {
  const record = <Part extends (typeof raising.importers)[number] | (typeof raising.distributors)[number]>(
    part: Part,
  ): Part => ({
    ...part,
    async added(attached: Parameters<NonNullable<Part['added']>>[0]) {
      await part.added?.(attached)
      told.push(`added ${attached.id}`)
    },
    async removed(attached: Parameters<NonNullable<Part['removed']>>[0]) {
      await part.removed?.(attached)
      told.push(`removed ${attached.id}`)
    },
  })
  return { ...raising, importers: raising.importers.map(record), distributors: raising.distributors.map(record) }
}

const importer = (config: JsonObject = {}) => ({ type: 'raising_importer', config })
const distributor = (id: string, config: JsonObject = {}) => ({
  id,
  type: 'raising_distributor',
  config,
  autoPublish: false,
})

onOneDatabase('a plugin with hooks', (fresh) => {
  const told: string[] = []
  let bench: WorkBench
  let count = 0

  before(async () => {
    const known = new Plugins([...plugins, recordedPlugin(told)])
    bench = await openWorkBench(await fresh.open(), await temporaryFolder(), { plugins: known })
  })

  /** A new repository with these parts; its hooks are not in `told` any more. */
  async function make(wanted: Partial<WantedRepository> = {}): Promise<string> {
    count += 1
    const id = `hooked-${count}`
    told.length = 0
    await createRepository(bench.services, { id, description: null, notes: {}, distributors: [], ...wanted })
    return id
  }

  async function attached(id: string): Promise<readonly string[]> {
    const [details] = await bench.services.repositories.details([id])
    return [
      ...(details?.importers ?? []).map(({ type }) => type),
      ...(details?.distributors ?? []).map((one) => one.id),
    ]
  }

  const task = (operation: string, repository: string, rest: JsonObject): NewTask => ({
    operation,
    arguments: { repository, ...rest },
    tags: [],
    resources: [],
  })

  it('hears of everything that a new repository gets', async () => {
    const id = await make({ importer: importer(), distributors: [distributor('one'), distributor('two')] })
    assert.deepEqual(told, ['added raising_importer', 'added one', 'added two'])
    assert.deepEqual(await attached(id), ['raising_importer', 'one', 'two'])
  })

  it('leaves no repository behind when it throws, and undoes what it has done before', async () => {
    const parts = { importer: importer(), distributors: [distributor('one'), distributor('two', { raise: 'added' })] }
    await assert.rejects(make(parts), /raised in added/)
    assert.deepEqual(told, ['added raising_importer', 'added one', 'removed one', 'removed raising_importer'])
    await assert.rejects(bench.services.repositories.get(`hooked-${count}`), { kind: 'not-found' })
  })

  it('is not told of a repository whose id is taken', async () => {
    const id = await make()
    await assert.rejects(make({ id, importer: importer() }), { kind: 'conflict' })
    assert.deepEqual(told, [])
  })

  it('keeps an importer that it throws over from being attached; the replaced one stays removed', async () => {
    const id = await make({ importer: importer() })
    const setting = task('set-importer', id, { type: 'raising_importer', config: { raise: 'added' } })
    await assert.rejects(bench.run(setting), /raised in added/)
    assert.deepEqual([told.slice(1), await attached(id)], [['removed raising_importer'], []])
    await bench.run(task('set-importer', id, { type: 'raising_importer', config: {} }))
    assert.deepEqual(await attached(id), ['raising_importer'])
  })

  it('keeps a distributor that it throws over from being attached', async () => {
    const id = await make({ distributors: [distributor('kept')] })
    await assert.rejects(addDistributor(bench.services, id, distributor('new', { raise: 'added' })), /raised in added/)
    assert.deepEqual(await attached(id), ['kept'])
    await assert.rejects(addDistributor(bench.services, id, distributor('kept', { raise: 'added' })), /raised in added/)
    assert.deepEqual(await attached(id), [])
  })

  it('hears of what is removed, and keeps it by throwing', async () => {
    const id = await make({ importer: importer(), distributors: [distributor('one')] })
    await bench.run(task('remove-distributor', id, { distributor: 'one' }))
    await bench.run(task('remove-importer', id, { type: 'raising_importer' }))
    assert.deepEqual([told.slice(2), await attached(id)], [['removed one', 'removed raising_importer'], []])
    const stubborn = await make({ importer: importer({ raise: 'removed' }) })
    await assert.rejects(bench.run(task('remove-importer', stubborn, {})), /raised in removed/)
    assert.deepEqual(await attached(stubborn), ['raising_importer'])
  })

  it('hears of a repository that is deleted, and cannot stop it', async () => {
    const id = await make({ importer: importer({ raise: 'removed' }), distributors: [distributor('one')] })
    await bench.run(task('delete-repository', id, {}))
    assert.deepEqual(told.slice(2), ['removed one'])
    await assert.rejects(bench.services.repositories.get(id), { kind: 'not-found' })
  })
})
