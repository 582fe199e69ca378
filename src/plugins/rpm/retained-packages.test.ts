import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anRpm, servedAt, yumRepository } from '../../testing/repodata.ts'
import { SyncTrial } from '../../testing/sync-run.ts'
import { yumImporter } from './yum-importer.ts'

const feed = 'http://upstream.test/zoo/'
type Build = Parameters<typeof anRpm>[0]

async function synced(upstream: readonly Build[], held: readonly Build[], config: Readonly<Record<string, unknown>>) {
  const packages = (builds: readonly Build[]) => builds.map((build) => anRpm(build))
  const holding = new SyncTrial(yumImporter, servedAt(feed, await yumRepository({ packages: packages(held) })))
  const trial = new SyncTrial(yumImporter, servedAt(feed, await yumRepository({ packages: packages(upstream) })))
  trial.held = (await holding.run({ feed })).units
  await trial.run({ feed, ...config } as Parameters<typeof trial.run>[0])
  const evr = (unit: (typeof trial.units)[number] | undefined) => `${unit?.key['name']}-${unit?.key['version']}`
  return {
    taken: trial.units.map(evr),
    displaced: trial.displaced.map(({ id }) => evr(trial.held[id])),
    rooms: trial.displaced.map(({ type, by }) => [type, by]),
  }
}

const bears = (...versions: readonly string[]): Build[] => versions.map((version) => ({ version }))

describe('retain_old_count', () => {
  it('counts the builds that the repository holds with those of upstream', async () => {
    const { taken, displaced, rooms } = await synced(bears('3', '2'), bears('1', '2'), { retain_old_count: 1 })
    assert.deepEqual([taken, displaced], [['bear-3', 'bear-2'], ['bear-1']])
    assert.deepEqual(rooms, [['rpm', { name: 'bear', arch: 'noarch' }]])
  })

  it('takes none that is older than what the repository goes on to hold', async () => {
    assert.deepEqual(await synced(bears('1', '2'), bears('10', '9'), { retain_old_count: 1 }), {
      taken: [],
      displaced: [],
      rooms: [],
    })
  })

  it('drops all but the newest, of each name and arch', async () => {
    const held: Build[] = [...bears('1', '2', '3'), { name: 'cat', version: '1' }, { version: '1', arch: 'i686' }]
    const source: Build[] = [
      { version: '1', arch: 'src' },
      { version: '2', arch: 'src' },
    ]
    const { displaced, rooms } = await synced([], [...held, ...source], { retain_old_count: 0 })
    assert.deepEqual(displaced.toSorted(), ['bear-1', 'bear-1', 'bear-2'])
    assert.deepEqual(rooms.at(-1), ['srpm', { name: 'bear', arch: 'src' }])
  })

  it('leaves what is held alone where it counts for nothing', async () => {
    const held = bears('1', '2', '3')
    for (const config of [
      {},
      { type_skip_list: ['rpm'], retain_old_count: 0 },
      { remove_missing: true, retain_old_count: 0 },
    ])
      assert.deepEqual((await synced(bears('4'), held, config)).displaced, [], JSON.stringify(config))
  })
})
