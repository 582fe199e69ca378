import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../../../core/digest.ts'
import { DeckleError } from '../../../core/errors.ts'
import { anRpm, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial, type UpstreamFiles } from '../../../testing/sync-run.ts'
import { yumImporter } from '../yum-importer.ts'
import { distributionType } from './distribution-unit.ts'
import { requireOneTree } from './require-one-tree.ts'

const feed = 'http://upstream.test/tree/'
const primary = '<metadata xmlns="http://linux.duke.edu/metadata/common" packages="0"></metadata>'
const repomd = `<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>
  <data type="primary"><location href="repodata/primary.xml"/></data></repomd>`
const sum = sha256Hex('kernel')
const treeinfo = `[general]
family = Zoo
version = 16
arch = x86_64
[images-x86_64]
kernel = images/vmlinuz #1
[checksums]
images/vmlinuz #1 = sha256:${sum}
`
const further = '<pulp_distribution version="1"><file>EULA</file></pulp_distribution>'

const below = (files: UpstreamFiles) =>
  Object.fromEntries(Object.entries(files).map(([path, body]) => [`${feed}${path}`, body]))
const upstream = (files: UpstreamFiles) =>
  below({ 'repodata/repomd.xml': repomd, 'repodata/primary.xml': primary, ...files })

const sync = (files: UpstreamFiles, config = {}) => new SyncTrial(yumImporter, upstream(files)).run({ feed, ...config })

const partOf = (trial: SyncTrial<never> | Awaited<ReturnType<typeof sync>>) =>
  yumImporter.describe(trial.progress()).report['distribution']

describe('a sync of a kickstart tree', () => {
  it('finds one unit with all its files, the treeinfo as it is among them', async () => {
    const trial = await sync({ treeinfo, 'PULP_DISTRIBUTION.xml': further })
    const [unit] = trial.units
    assert.ok(unit !== undefined && trial.units.length === 1)
    const key = { id: 'ks-Zoo-16-x86_64', family: 'Zoo', variant: null, version: '16', arch: 'x86_64' }
    assert.deepEqual([unit.type, unit.key], ['distribution', key])
    assert.deepEqual(unit.metadata, { ...key, packagedir: '', version_sort_index: '02-16' })
    assert.deepEqual(
      unit.files.map(({ path, digests, urls }) => [path, digests[0]?.value, urls[0]]),
      [
        ['treeinfo', sha256Hex(treeinfo), `${feed}treeinfo`],
        ['PULP_DISTRIBUTION.xml', sha256Hex(further), `${feed}PULP_DISTRIBUTION.xml`],
        ['EULA', undefined, `${feed}EULA`],
        ['images/vmlinuz #1', sum, `${feed}images/vmlinuz%20%231`],
      ],
    )
    const made = await Array.fromAsync(unit.files[0]?.content?.() ?? [])
    assert.equal(Buffer.concat(made).toString(), treeinfo)
    assert.deepEqual(distributionType.derivedFields?.['files']?.(unit.documents ?? {}, {}), [
      { relativepath: 'EULA', checksum: null, checksumtype: null },
      { relativepath: 'images/vmlinuz #1', checksum: sum, checksumtype: 'sha256' },
    ])
    assert.deepEqual([trial.only.includes('distribution'), trial.problems], [true, []])
  })

  it('prefers the hidden name, and tells an empty variant from none', async () => {
    const trial = await sync({ '.treeinfo': treeinfo.replace('family', 'variant = \nfamily'), treeinfo: 'unread' })
    assert.equal(trial.units[0]?.files[0]?.path, '.treeinfo')
    assert.deepEqual([trial.units[0]?.key['id'], trial.units[0]?.key['variant']], ['ks-Zoo--16-x86_64', ''])
  })

  it('is skipped where there is none, or where it is not wanted, without a request then', async () => {
    const none = await sync({})
    const { only, complete } = none
    assert.deepEqual([none.units, only.includes('distribution'), complete.includes('distribution')], [[], false, true])
    assert.deepEqual(partOf(none), { state: 'SKIPPED', items_total: 0, items_left: 0, error_details: [] })
    const unwanted = await sync({ treeinfo }, { type_skip_list: ['distribution'] })
    assert.deepEqual([unwanted.units, unwanted.requests.length], [[], 2])
    assert.ok(!unwanted.complete.includes('distribution'))
    assert.deepEqual(partOf(unwanted), partOf(none))
  })

  it('goes on past a tree that cannot be read, whose part fails with the address and the reason', async () => {
    for (const [body, reason] of [
      ['no ini', /line 1 is neither/],
      ['[general]\nfamily = a\n', /names no version/],
      [treeinfo.replaceAll('images/', '../'), /no path of a file/],
      [500, /answered 500/],
      [`[general]\n${'#'.repeat(1024 ** 2)}`, /too large/],
    ] as const) {
      const trial = await sync({ treeinfo: body })
      const { units, only, complete } = trial
      assert.deepEqual([units, only.includes('distribution'), complete.includes('distribution')], [[], false, false])
      const { report, summary } = yumImporter.describe(trial.progress())
      const part = report['distribution'] as { state: string; error_details: [string, string][] }
      assert.equal(part.state, 'FAILED')
      assert.equal(part.error_details.length, 1)
      assert.equal(part.error_details[0]?.[0], feed)
      assert.match(part.error_details[0]?.[1] ?? '', reason)
      assert.deepEqual((report['content'] as { error_details: unknown }).error_details, [])
      assert.equal((summary as { distribution: { state: string } }).distribution.state, 'FAILED')
    }
  })

  it('brings the repositories of its variants, byte for byte, with their packages', async () => {
    const lion = anRpm({ name: 'lion', href: 'Packages/l/lion.rpm' })
    const variants = '[variant-A]\nrepository = A\n[addon-A-gone]\nrepository = gone\n'
    const files = Object.entries(await yumRepository({ packages: [lion, anRpm({ name: 'out', href: '../out.rpm' })] }))
    const repository = Object.fromEntries(files.map(([path, body]) => [`A/${path}`, body]))
    const trial = await sync({ treeinfo: treeinfo + variants, ...repository })
    assert.deepEqual(trial.problems, [])
    const found = new Map(trial.units[0]?.files.map((file) => [file.path, file]))
    assert.ok(Object.keys(repository).length >= 4)
    for (const [path, body] of Object.entries(repository)) {
      const kept = Buffer.concat(await Array.fromAsync(found.get(path)?.content?.() ?? []))
      assert.ok(kept.equals(Buffer.from(body)), path)
    }
    const [package_, ...others] = [...found.values()].filter(({ path }) => path.endsWith('.rpm'))
    assert.deepEqual(
      [package_?.path, package_?.urls, others],
      ['A/Packages/l/lion.rpm', [`${feed}A/Packages/l/lion.rpm`], []],
    )
    assert.equal(package_?.dispensableAs, 'rpm', 'one package that cannot be fetched does not fail the tree')
    assert.ok([...found.values()].every((file) => file === package_ || file.dispensableAs === undefined))
    const exact = await sync({ treeinfo: treeinfo + variants, ...repository }, { metadata: 'exact' })
    const tree = exact.units.find(({ type }) => type === 'distribution')
    assert.deepEqual(
      tree?.files.map(({ path }) => path),
      [...found.keys()],
    )
  })

  it('is read again when the metadata of a variant changes and nothing else', async () => {
    const variant = async (version: string) => {
      const files = Object.entries(await yumRepository({ packages: [anRpm({ version })] }))
      return {
        treeinfo: `${treeinfo}[variant-A]\nrepository = A #1\n`,
        ...Object.fromEntries(files.map(([path, body]) => [`A%20%231/${path}`, body])),
      }
    }
    const first = await sync(await variant('1'))
    assert.equal(first.units.length, 1)
    const again = (files: UpstreamFiles) => new SyncTrial(yumImporter, upstream(files)).run({ feed }, first.remembered)
    const same = await again(await variant('1'))
    assert.deepEqual([same.units, same.requests.length], [[], 3])
    const changed = await again(await variant('2'))
    assert.deepEqual([changed.units.length, changed.problems], [1, []])
  })

  it('fails where the repository of a variant cannot be read', async () => {
    const trial = await sync({
      treeinfo: `${treeinfo}[variant-A]\nrepository = A\n`,
      'A/repodata/repomd.xml': 'no XML',
    })
    assert.deepEqual([trial.units, trial.problems[0]?.code], [[], 'RPM1006'])
  })

  it('is repeated alone when upstream changes its description and nothing else', async () => {
    const first = await sync({ treeinfo, 'PULP_DISTRIBUTION.xml': further })
    const again = (files: UpstreamFiles) => new SyncTrial(yumImporter, upstream(files)).run({ feed }, first.remembered)
    const same = await again({ treeinfo, 'PULP_DISTRIBUTION.xml': further })
    assert.deepEqual(
      [same.units, same.requests.map((url) => url.slice(feed.length))],
      [[], ['repodata/repomd.xml', 'treeinfo', 'PULP_DISTRIBUTION.xml']],
    )
    const other = treeinfo.replace('version = 16', 'version = 17')
    const changed = await again({ treeinfo: other, 'PULP_DISTRIBUTION.xml': further })
    assert.deepEqual([changed.units.map(({ key }) => key['version']), changed.only], [['17'], ['distribution']])
    assert.ok(!changed.requests.some((url) => url.endsWith('primary.xml')))
    const gone = await again({})
    assert.deepEqual([gone.units, gone.complete], [[], ['distribution']])
    assert.equal((await again({ treeinfo: 500 })).problems.length, 1)
    const later = new SyncTrial(yumImporter, upstream({ treeinfo: other }))
    assert.deepEqual((await later.run({ feed }, changed.remembered)).units.length, 1, 'the further file is gone')
  })

  it('asks nothing more of a repository that had none', async () => {
    const first = await sync({})
    const trial = await new SyncTrial(yumImporter, upstream({ treeinfo })).run({ feed }, first.remembered)
    assert.equal(trial.requests.length, 1)
  })

  it('is unchanged where one mirror of several fails to tell, and another says so', async () => {
    const list = 'http://lists.test/mirrorlist'
    const mirrors = ['http://a.test/tree/', 'http://b.test/tree/']
    const served = mirrors.flatMap((mirror) =>
      Object.entries(upstream({ treeinfo })).map(([url, body]) => [mirror + url.slice(feed.length), body]),
    )
    const files: UpstreamFiles = { ...Object.fromEntries(served), [list]: mirrors.join('\n') }
    const first = await new SyncTrial(yumImporter, files).run({ feed: list })
    assert.equal(first.units.length, 1)
    const again = new SyncTrial(yumImporter, { ...files, 'http://a.test/tree/treeinfo': 503 })
    await again.run({ feed: list }, first.remembered)
    assert.deepEqual([again.units, again.problems, again.remembered], [[], [], undefined])
  })

  it('fails with RPM1001 when PULP_DISTRIBUTION.xml is not valid', async () => {
    for (const body of ['<other/>', '<pulp_distribution><file>../x</file></pulp_distribution>']) {
      await assert.rejects(sync({ treeinfo, 'PULP_DISTRIBUTION.xml': body }), (error) => {
        assert.ok(error instanceof DeckleError)
        assert.deepEqual([error.details.code, error.details.data], ['RPM1001', { feed }])
        return true
      })
    }
  })
})

describe('the report of a sync of a kickstart tree', () => {
  it('counts its files apart from those of packages', () => {
    const fetches = {
      rpm: { files: { total: 5, done: 3, failed: 0 }, bytes: { total: 500, done: 300 } },
      distribution: { files: { total: 3, done: 1, failed: 0 }, bytes: { total: 1000, done: 100 } },
    }
    const sums = { files: { total: 8, done: 4, failed: 0 }, bytes: { total: 1500, done: 400 } }
    const { report } = yumImporter.describe({
      ...{ state: 'running', parts: {}, units: {}, problems: [] },
      ...sums,
      fetches,
    })
    const { items_total, items_left, size_total, size_left } = report['content'] as Record<string, unknown>
    assert.deepEqual([items_total, items_left, size_total, size_left], [5, 2, 500, 200])
    const tree = report['distribution'] as Record<string, unknown>
    assert.deepEqual([tree['items_total'], tree['items_left']], [3, 2])
  })
})

describe('a publish of kickstart trees', () => {
  it('is refused for two of them, whatever else there is', () => {
    const run = (counts: Record<string, number>) => ({
      repository: { id: 'zoo' },
      version: { number: 1, created: new Date(0), counts },
    })
    assert.deepEqual([requireOneTree(run({ rpm: 5 })), requireOneTree(run({ distribution: 1 }))], [0, 1])
    assert.throws(() => requireOneTree(run({ distribution: 2 })), /zoo has 2 distributions .* remove the others/)
  })
})
