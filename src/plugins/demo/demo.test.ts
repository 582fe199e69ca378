import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pluginContract } from '../../testing/plugin-contract.ts'
import { PublishTrial } from '../../testing/publish-run.ts'
import { SyncTrial } from '../../testing/sync-run.ts'
import { demoDistributor } from './demo-distributor.ts'
import { demoImporter } from './demo-importer.ts'
import { demo } from './index.ts'
import { toTextUnit } from './text-type.ts'

const texts = { 'hello.txt': 'Hello!', other: 'größer' }

pluginContract({
  plugin: demo,
  syncs: { demo_importer: { config: { texts } } },
  publishes: { demo_distributor: {} },
})

describe('the demo plugin', () => {
  it('makes a unit of each text in its config', async () => {
    const { units, complete } = await new SyncTrial(demoImporter, {}).run({ texts, demo_key: 'demo_value' })
    assert.deepEqual(
      units.map(({ metadata }) => metadata),
      [
        { name: 'hello.txt', size: 6 },
        { name: 'other', size: 8 },
      ],
    )
    assert.deepEqual(complete, ['demo_text'])
  })

  it('has no units without texts, whatever else is in its config', async () => {
    assert.deepEqual((await new SyncTrial(demoImporter, {}).run({ demo_key: 'demo_value' })).units, [])
  })

  it('refuses texts that are none, and names that cannot be published', () => {
    for (const bad of [[], 'x', { a: 1 }, { '../a': 'x' }, { 'a/b': 'x' }, { '': 'x' }, { 'index.txt': 'x' }]) {
      assert.throws(() => demoImporter.config.parse({ texts: bad }), { kind: 'invalid' }, JSON.stringify(bad))
    }
  })

  it('publishes an index of the names', async () => {
    const units = [toTextUnit('b', 'two'), toTextUnit('a', 'one')]
    const trial = await new PublishTrial(demoDistributor, units).run({})
    assert.equal(trial.text(/^index\.txt$/), 'a\nb\n')
  })

  it('serves it below /pulp/demo/, where no other repository is', () => {
    const { config, basePath, validate } = demoDistributor
    assert.equal(basePath(config.parse({}), 'zoo'), '/pulp/demo/zoo')
    assert.equal(basePath(config.parse({ relative_url: 'a/b/' }), 'zoo'), '/pulp/demo/a/b')
    assert.throws(() => config.parse({ relative_url: '../up' }), { kind: 'invalid' })
    const others = [{ repositoryId: 'zoo', id: 'd', config: {} }]
    assert.throws(() => validate?.(config.parse({ relative_url: 'zoo' }), 'other', others), /conflicts/)
  })
})
