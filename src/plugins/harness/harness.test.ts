import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { pluginContract } from '../../testing/plugin-contract.ts'
import { PublishTrial } from '../../testing/publish-run.ts'
import { SyncTrial } from '../../testing/sync-run.ts'
import { harnessDistributor } from './harness-distributor.ts'
import { harnessImporter } from './harness-importer.ts'
import { harness } from './index.ts'

pluginContract({
  plugin: harness,
  syncs: { harness_importer: { config: { num_units: '7', write_files: 'true' } } },
  publishes: { harness_distributor: {} },
})

const trial = () => new SyncTrial(harnessImporter, {})

describe('the harness importer', () => {
  it('makes as many units as it is told to, by a number or its digits', async () => {
    const { units, complete, expected } = await trial().run({ num_units: '3', write_files: 'true' })
    const [first, second] = units
    assert.deepEqual([units.length, complete, expected], [3, ['harness_type_one'], { harness_type_one: 3 }])
    assert.deepEqual(second?.key, { name: 'harness_unit_1' })
    const { random_1, ...rest } = second?.metadata ?? {}
    assert.deepEqual(rest, { name: 'harness_unit_1', search_1: 'value_1', search_2: 'value_1' })
    assert.match(String(random_1), /^[0-9a-f]{4}$/)
    assert.deepEqual(
      first?.files.map(({ path, size }) => [path, size]),
      [['chunk_0/harness_unit_0.unit', 14]],
    )
    assert.equal((await trial().run({ num_units: 600 })).units.length, 600)
    assert.equal((await trial().run({})).units.length, 5)
  })

  it('makes files only when it is told to, in five folders', async () => {
    const without = await trial().run({ num_units: 1, write_files: 'false' })
    assert.deepEqual(without.units[0]?.files, [])
    const { units } = await trial().run({ num_units: 7, write_files: true })
    assert.equal(units[6]?.files[0]?.path, 'chunk_1/harness_unit_6.unit')
  })

  it('lets search_2 take as many values as an override says', async () => {
    const valuesOf = async (config: JsonObject) =>
      new Set((await trial().run({ num_units: 20, ...config })).units.map(({ metadata }) => metadata['search_2'])).size
    assert.deepEqual([await valuesOf({}), await valuesOf({ search_entropy: 2 })], [5, 2])
  })

  it('counts its runs', async () => {
    const run = trial()
    assert.equal(run.scratchpad, null)
    await run.run({})
    assert.equal(run.scratchpad, 1)
    await run.run({})
    assert.equal(run.scratchpad, 2)
  })

  it('waits for each unit when it is told to, and stops at once when it is aborted', async () => {
    const waiting = trial()
    const running = waiting.run({ sync_delay_in_seconds: 3000 })
    waiting.abort()
    await assert.rejects(running, { name: 'AbortError' })
    assert.deepEqual(waiting.units, [])
    assert.equal((await trial().run({ num_units: 2, sync_delay_in_seconds: 0.001 })).units.length, 2)
  })

  it('stores only its own keys, and no nulls', () => {
    const { storable } = harnessImporter.config
    storable?.({ num_units: '5', write_files: 'true' })
    for (const config of [{ feed: 'http://x/' }, { search_entropy: 5 }, { num_units: null }, { write_files: null }]) {
      assert.throws(() => storable?.(config), {
        kind: 'invalid',
        details: { fields: Object.keys(config), fault: 'invalid' },
      })
    }
  })

  it('refuses numbers that are none, or too large', () => {
    for (const config of [
      { num_units: 'five' },
      { num_units: -1 },
      { num_units: 1_000_001 },
      { write_files: 'maybe' },
      { search_entropy: 0 },
      { sync_delay_in_seconds: -1 },
      { sync_delay_in_seconds: 3601 },
    ]) {
      assert.throws(() => harnessImporter.config.parse(config), { kind: 'invalid' }, JSON.stringify(config))
    }
  })

  it('tells its history in texts', async () => {
    const run = await trial().run({ num_units: 2 })
    const { summary, details } = harnessImporter.describe(run.progress({ files: { total: 2, done: 2, failed: 0 } }))
    assert.equal(summary, '2 of 2 units were made')
    assert.equal(details, 'state: finished\nunits: 2 of 2\nfiles written: 2')
    assert.match(String(harnessImporter.describe(run.progress({ error: 'why' })).details), /\nerror: why$/)
  })
})

describe('the harness distributor', () => {
  const parse = harnessDistributor.config.parse
  const folderOf = (config: JsonObject) => harnessDistributor.delivery?.folder(parse(config))

  it('asks for its folder when it is to write files', () => {
    const wanted = { path: '/srv/out', key: 'publish_dir' }
    assert.deepEqual(folderOf({ write_files: 'true', publish_dir: '/srv/out' }), wanted)
    assert.equal(folderOf({ write_files: 'false', publish_dir: '/srv/out' }), undefined)
    assert.equal(folderOf({}), undefined)
    assert.throws(() => parse({ write_files: 'true' }), /publish_dir is needed/)
  })

  it('writes every file of every unit', async () => {
    const { units } = await trial().run({ num_units: 6, write_files: true })
    const written = await new PublishTrial(harnessDistributor, units).deliver({})
    assert.deepEqual([...written.keys()].slice(4), ['chunk_4/harness_unit_4.unit', 'chunk_0/harness_unit_5.unit'])
    assert.equal(written.get('chunk_4/harness_unit_4.unit'), 'harness_unit_4')
  })

  it('counts its publishes', async () => {
    const trial = new PublishTrial(harnessDistributor, [])
    assert.deepEqual(trial.scratchpad, {})
    await trial.run({ publish_delay_in_seconds: '0.001' })
    assert.equal(trial.scratchpad, 1)
    await trial.run({})
    assert.equal(trial.scratchpad, 2)
  })
})
