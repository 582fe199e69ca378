import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Applicability, ApplicabilityScope, ApplicabilityStore, Profiler } from '../../core/applicability.ts'
import { DeckleError } from '../../core/errors.ts'
import { Plugins } from '../../core/plugin.ts'
import type { UnitQuery, UnitWithDocuments } from '../../core/repository-version.ts'
import { MemoryRepositories } from '../../testing/memory-repositories.ts'
import { type GenerateServices, generateApplicability } from './generate-applicability.ts'

/** A unit applies to each system that has not its name. */
const profiler: Profiler = {
  profileType: 'thing',
  units: { thing: { fields: ['name'] }, advice: { fields: [], documents: ['text'] } },
  read: (profiles) => ({
    applicableTo: ({ unit }) => profiles.flatMap((one, place) => (one === unit.metadata['name'] ? [] : [place])),
  }),
}

const plugin = { name: 'things', contentTypes: [], importers: [], distributors: [], profilers: [profiler] }
const batch = { repositoryId: 'zoo', profileType: 'thing', hashes: ['a', 'b', 'gone'] }

class Trial {
  readonly replaced: (readonly [ApplicabilityScope, readonly Applicability[]])[] = []
  readonly queries: UnitQuery[] = []
  readonly controller = new AbortController()
  readonly repositories = new MemoryRepositories()
  units: (query: UnitQuery) => Iterable<string> = ({ types }) => (types.includes('thing') ? ['one', 'two'] : [])

  async run(wanted: Partial<typeof batch> = {}): Promise<void> {
    const zoo = { id: 'zoo', displayName: null, description: null, notes: {} }
    if ((await this.repositories.list()).length === 0) await this.repositories.create(zoo, undefined, [])
    const run = { signal: this.controller.signal, fence: { taskKey: 1, attempt: 1 } }
    await generateApplicability(this.#services(), { ...batch, ...wanted }, run)
  }

  #services(): GenerateServices {
    const read = async (_: string, hashes: readonly string[]) =>
      hashes.filter((hash) => hash !== 'gone').map((hash) => ({ hash, profile: hash === 'a' ? 'one' : 'no' }))
    const replace: ApplicabilityStore['replace'] = async (scope, found) => void this.replaced.push([scope, found])
    return {
      plugins: new Plugins([plugin]),
      repositories: this.repositories,
      versions: { units: (query) => this.#stream(query) },
      applicability: { read, replace },
    }
  }

  async *#stream(query: UnitQuery): AsyncIterable<UnitWithDocuments> {
    this.queries.push(query)
    for (const name of this.units(query)) {
      const unit = { id: 1, type: 'thing', wireId: `id of ${name}`, metadata: { name }, updated: new Date(0) }
      yield { unit, documents: {}, files: [] }
    }
  }
}

describe('making applicability', () => {
  it('looks at each unit once for all profiles, at no more of it than the profiler wants', async () => {
    const trial = new Trial()
    await trial.run()
    assert.deepEqual(trial.queries, [
      { repositoryId: 'zoo', version: 0, types: ['thing'], fields: ['name'] },
      { repositoryId: 'zoo', version: 0, types: ['advice'], fields: [], documents: ['text'] },
    ])
    const found = [
      { profileHash: 'a', units: { thing: ['id of two'], advice: [] } },
      { profileHash: 'b', units: { thing: ['id of one', 'id of two'], advice: [] } },
    ]
    assert.deepEqual(trial.replaced, [[{ repositoryId: 'zoo', version: 0, profileType: 'thing' }, found]])
  })

  it('has nothing to do for what is gone, or for profiles that nobody understands', async () => {
    const trial = new Trial()
    for (const wanted of [{ hashes: ['gone'] }, { hashes: [] }, { repositoryId: 'no' }, { profileType: 'no' }])
      await trial.run(wanted)
    assert.deepEqual([trial.replaced, trial.queries], [[], []])
  })

  it('stops in the middle when it is cancelled, and changes nothing', async () => {
    const trial = new Trial()
    trial.units = function* () {
      yield 'one'
      trial.controller.abort(new Error('stopped'))
      yield 'two'
    }
    await assert.rejects(trial.run(), /stopped/)
    assert.deepEqual(trial.replaced, [])
  })

  it('begins again when units are deleted while it reads them, but not for ever', async () => {
    const trial = new Trial()
    const deleted = () => new DeckleError('conflict', 'units were deleted')
    trial.units = () => {
      if (trial.queries.length < 3) throw deleted()
      return ['two']
    }
    await trial.run({ hashes: ['a'] })
    const [[, found] = []] = trial.replaced
    assert.deepEqual([trial.replaced.length, found?.[0]?.units], [1, { thing: ['id of two'], advice: ['id of two'] }])
    trial.units = () => {
      throw deleted()
    }
    await assert.rejects(trial.run(), { kind: 'conflict' })
    trial.units = () => {
      throw new Error('broken')
    }
    const looks = trial.queries.length
    await assert.rejects(trial.run(), /broken/)
    assert.equal(trial.queries.length, looks + 1)
  })
})
