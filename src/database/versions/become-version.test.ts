import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import fc from 'fast-check'
import type { ContentType } from '../../core/content-type.ts'
import type { VersionDraft } from '../../core/repository-version.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { noteType } from '../../testing/note-type.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresVersionRetention } from '../retention/version-retention.ts'
import { PostgresOrphans } from '../space/postgres-orphans.ts'
import { type ContentTypeIds, registerContentTypes } from '../units/content-type-ids.ts'
import { lockVersion } from './lock-version.ts'
import { differingUnits } from './version-kinship.ts'
import { PostgresVersionStore } from './version-store.ts'

const list: ContentType = { ...noteType, id: 'list', keyFields: ['name', 'repo_id'], scope: 'repository' }

/** What a repository holds: `note a1`, `list b2`, as it is whoever owns it. */
type Content = readonly string[]

type Step =
  | { readonly do: 'sync'; readonly at: number; readonly content: Content }
  | { readonly do: 'add'; readonly at: number; readonly unit: string }
  | { readonly do: 'promote'; readonly at: number; readonly from: number; readonly version: number }
  | { readonly do: 'rollback'; readonly at: number; readonly version: number }
  | { readonly do: 'retain'; readonly at: number; readonly keep: number; readonly steps: number }
  | { readonly do: 'orphans' }

const units = ['note', 'list'].flatMap((type) =>
  ['a', 'b', 'c'].flatMap((name) => [1, 2].map((n) => `${type} ${name}${n}`)),
)
const content = fc.uniqueArray(fc.constantFrom(...units), { selector: (unit) => unit.slice(0, -1) })
const at = fc.constantFrom(0, 0, 1, 1, 2)
const version = fc.nat(99)
const keep = fc.integer({ min: 1, max: 3 })
const steps = fc.integer({ min: 1, max: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('sync' as const), at, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), at, unit: fc.constantFrom(...units) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('promote' as const), at, from: at, version }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rollback' as const), at, version }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retain' as const), at, keep, steps }) },
  { weight: 1, arbitrary: fc.constant({ do: 'orphans' as const }) },
)

onEachDatabase('a draft that becomes a version', (fresh) => {
  let opened: OpenDatabase
  let types: ContentTypeIds
  let versions: PostgresVersionStore
  let repositories: PostgresRepositoryStore

  before(async () => {
    opened = await fresh.open()
    types = await registerContentTypes(opened.database, [noteType, list])
    versions = new PostgresVersionStore(opened.database, opened.pool, types)
    repositories = new PostgresRepositoryStore(opened.database)
  })

  let count = 0
  async function aRepository(): Promise<string> {
    count += 1
    const id = `repository-${count}`
    await repositories.create({ id, displayName: null, description: null, notes: {} }, undefined, [])
    return id
  }

  async function change(id: string, work: (draft: VersionDraft) => Promise<unknown>): Promise<number> {
    const draft = await versions.open(id, await runningTask(opened.database))
    await work(draft)
    return (await draft.commit()).version.number
  }

  async function takeOver(id: string, repositoryId: string, version: number): Promise<number> {
    const commit = await versions.takeOver(id, { repositoryId, version }, await runningTask(opened.database))
    return commit.version.number
  }

  const sync = (id: string, wanted: Content) =>
    change(id, async (draft) => {
      await add(draft, wanted)
      await draft.removeMissing(['note', 'list'])
    })
  const add = (draft: VersionDraft, wanted: Content) =>
    draft.add(wanted.map((unit) => ({ unit: unitOf(unit), fetched: new Map() })))

  async function read(id: string, number: number): Promise<Content> {
    const found = await Array.fromAsync(versions.units({ repositoryId: id, version: number, types: ['note', 'list'] }))
    for (const { unit } of found) if (unit.type === 'list') assert.equal(unit.metadata['repo_id'], id)
    return found.map(({ unit }) => `${unit.type} ${unit.metadata['name']}${unit.metadata['text']}`).sort()
  }

  /** How many units are looked at for a draft that is to become a version; undefined for all. */
  async function looked(id: string, source: string, number: number): Promise<number | undefined> {
    return opened.database.transaction().execute(async (transaction) => {
      const { rows } = await opened.pool.query('SELECT id, latest FROM repository WHERE name = $1', [id])
      const draft = { repository: rows[0].id, next: rows[0].latest + 1 }
      const held = await lockVersion(transaction, draft, source, number)
      return (await differingUnits(transaction, draft, held, []))?.length
    })
  }

  const many = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `note n${1000 + from + index}-1`)

  it('looks at what may be different only: after a promotion, from its own past, and on a way through others', async () => {
    const [dev, test, production] = [await aRepository(), await aRepository(), await aRepository()]
    await sync(dev, many(0, 500))
    assert.equal(await looked(test, dev, 1), undefined)
    for (const [to, from] of [
      [test, dev],
      [production, test],
    ] as const) {
      await takeOver(to, from, 1)
    }
    await sync(dev, many(2, 503))
    assert.equal(await looked(test, dev, 2), 5)
    assert.equal(await looked(production, dev, 2), 5)
    assert.equal(await looked(dev, dev, 1), 5)
    await takeOver(test, dev, 2)
    assert.equal(await looked(production, test, 2), 5)
    assert.equal(await looked(dev, test, 1), 5)
    await change(test, (draft) => add(draft, ['note own1']))
    assert.equal(await looked(test, dev, 2), 1)
    await takeOver(test, test, 1)
    assert.equal(await looked(test, dev, 1), 0)
    assert.deepEqual(await read(test, 4), await read(dev, 1))
  })

  it('does not take a version for kin that was changed after it was taken over', async () => {
    const [one, other] = [await aRepository(), await aRepository()]
    await sync(one, ['note a1'])
    await sync(other, ['note b1'])
    await takeOver(other, one, 1)
    await opened.pool.query(
      'UPDATE repository_version SET content = gen_random_uuid() FROM repository WHERE repository.id = repository AND name = $1',
      [other],
    )
    assert.equal(await looked(other, one, 1), undefined)
    await takeOver(other, one, 1)
    assert.deepEqual(await read(other, 2), ['note a1'])
  })

  it('does not take a version for kin that retention has begun to take away', async () => {
    const [one, other] = [await aRepository(), await aRepository()]
    await sync(one, ['note a1', 'note b1'])
    await takeOver(other, one, 1)
    await sync(other, ['note b1'])
    const { rows } = await opened.pool.query('SELECT id FROM repository WHERE name = $1', [other])
    const retention = new PostgresVersionRetention(opened.database, { keep: 1, graceSeconds: 0 }, { memberships: 1 })
    assert.equal((await retention.prune(rows[0].id)).more, true)
    await takeOver(other, one, 1)
    assert.deepEqual(await read(other, 3), ['note a1', 'note b1'])
  })

  it('holds the version that it takes over against retention and the deletion of orphans', async () => {
    const [source, target] = [await aRepository(), await aRepository()]
    await sync(source, ['note held1'])
    await sync(source, [])
    const { rows } = await opened.pool.query('SELECT id, latest FROM repository WHERE name = $1', [target])
    const orphans = new PostgresOrphans({ database: opened.database, types, graceSeconds: 0 })
    await opened.database.transaction().execute(async (transaction) => {
      await lockVersion(transaction, { repository: rows[0].id, next: 1 }, source, 1)
      const signal = AbortSignal.timeout(300)
      await assert.rejects(orphans.delete({}, await runningTask(opened.database), signal))
    })
    await takeOver(target, source, 1)
    await orphans.delete({}, await runningTask(opened.database), new AbortController().signal)
    assert.deepEqual(await read(target, 1), ['note held1'])
  })

  it('holds what the version holds, whatever happened before', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const model = new Model([await aRepository(), await aRepository(), await aRepository()])
      for (const one of steps) await perform(model, one)
      for (const repository of model.repositories) {
        for (const [number, expected] of repository.versions) {
          assert.deepEqual(await read(repository.id, number), expected, `${repository.id} ${number}`)
        }
      }
    })
    await fc.assert(property, { numRuns: 30 })
  })

  async function perform(model: Model, one: Step): Promise<void> {
    if (one.do === 'orphans') return deleteOrphans(model)
    const repository = model.at(one.at)
    const before = repository.latest
    if (one.do === 'sync') {
      const wanted = one.content.toSorted()
      repository.commit(await sync(repository.id, wanted), wanted)
    } else if (one.do === 'add') {
      const others = before.filter((unit) => unit.slice(0, -1) !== one.unit.slice(0, -1))
      const number = await change(repository.id, (draft) => add(draft, [one.unit]))
      repository.commit(number, [...others, one.unit].sort())
    } else if (one.do === 'retain') await retain(repository, one.keep, one.steps)
    else await become(model, repository, one.do === 'promote' ? model.at(one.from) : repository, one.version)
  }

  async function become(model: Model, target: ModelRepository, source: ModelRepository, choice: number): Promise<void> {
    const [number, wanted] = [...source.versions][choice % source.versions.size] ?? [0, []]
    const made = takeOver(target.id, source.id, number)
    if (model.pruned.has(`${source.id} ${number}`)) await assert.rejects(made, { kind: 'conflict' })
    else target.commit(await made, wanted)
  }

  /** Perhaps not to the end: then versions are left that are not whole. */
  async function retain(repository: ModelRepository, keep: number, steps: number): Promise<void> {
    const { rows } = await opened.pool.query('SELECT id, latest FROM repository WHERE name = $1', [repository.id])
    const retention = new PostgresVersionRetention(opened.database, { keep, graceSeconds: 0 }, { memberships: 1 })
    for (let step = 0; step < steps; step++) await retention.prune(rows[0].id)
    for (const number of repository.versions.keys()) {
      if (number > 0 && number <= rows[0].latest - keep) repository.versions.delete(number)
    }
  }

  /** What the pruned versions held is not looked at any more. */
  async function deleteOrphans(model: Model): Promise<void> {
    const orphans = new PostgresOrphans({ database: opened.database, types, graceSeconds: 0 })
    await orphans.delete({}, await runningTask(opened.database), new AbortController().signal)
    for (const repository of model.repositories) {
      const { rows } = await opened.pool.query<{ number: number }>(
        `SELECT number FROM repository_version JOIN repository ON repository.id = repository
         WHERE name = $1 AND pruned`,
        [repository.id],
      )
      for (const { number } of rows) {
        model.pruned.add(`${repository.id} ${number}`)
        repository.versions.set(number, await read(repository.id, number))
      }
    }
  }
})

class ModelRepository {
  readonly id: string
  /** Those that are kept. */
  readonly versions = new Map<number, Content>([[0, []]])

  constructor(id: string) {
    this.id = id
  }

  get latest(): Content {
    return this.versions.get(Math.max(...this.versions.keys())) ?? []
  }

  commit(number: number, content: Content): void {
    if (this.versions.has(number)) assert.deepEqual(content, this.versions.get(number))
    this.versions.set(number, content)
  }
}

class Model {
  readonly repositories: readonly ModelRepository[]
  readonly pruned = new Set<string>()

  constructor(ids: readonly string[]) {
    this.repositories = ids.map((id) => new ModelRepository(id))
  }

  at(index: number): ModelRepository {
    const repository = this.repositories[index]
    if (repository === undefined) throw new RangeError(`there is no repository ${index}`)
    return repository
  }
}

/** `note a1`: the note `a` with the text `1`. */
function unitOf(text: string): DiscoveredUnit {
  const [type = '', name = ''] = text.split(' ')
  const key = { name: name.slice(0, -1) }
  return { type, key, metadata: { ...key, text: name.slice(-1) }, files: [] }
}
