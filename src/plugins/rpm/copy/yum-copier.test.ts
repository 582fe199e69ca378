import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CopyPlace, CopyQuery, CopyRun } from '../../../core/copier.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { packageElement, type TestPackage } from '../../../testing/package-elements.ts'
import type { CopyOptions } from './copy-options.ts'
import { yumCopier } from './yum-copier.ts'

interface HeldUnit {
  readonly type: string
  readonly metadata: JsonObject
  readonly documents?: Readonly<Record<string, string>>
}

function rpm(one: TestPackage, filelists: readonly string[] = []): HeldUnit {
  const { name, version = '1', arch = 'noarch' } = one
  const files = filelists.map((path) => `<file>${path}</file>`).join('\n')
  return {
    type: arch === 'src' ? 'srpm' : 'rpm',
    metadata: { name, epoch: '0', version, release: '1', arch },
    documents: { primary: packageElement(one), filelists: `<package>${files}</package>` },
  }
}

function group(id: string, lists: JsonObject = {}): HeldUnit {
  return { type: 'package_group', metadata: { id, ...lists } }
}

function erratum(id: string, collections: readonly JsonObject[]): HeldUnit {
  return { type: 'erratum', metadata: { id }, documents: { pkglist: JSON.stringify(collections) } }
}

const listed = (name: string, version: string, arch = 'noarch', epoch: string | null = null) => ({
  ...{ name, version, arch, epoch },
  release: '1',
})

function modulemd(name: string, stream: string, rpms: readonly string[], requires = ''): HeldUnit {
  const dependencies = requires === '' ? '' : `  dependencies: [{requires: {${requires}}}]\n`
  const text = `document: modulemd\ndata:\n${dependencies}  artifacts: {rpms: [${rpms.join(', ')}]}\n`
  const metadata = { name, stream, version: '1', context: 'c', arch: 'noarch' }
  return { type: 'modulemd', metadata, documents: { modulemd: text } }
}

/** Row ids are the index in the source, and a thousand more for units of the target that the source does not have. */
function unitsOf(units: readonly HeldUnit[], idOf: (unit: HeldUnit) => number, seen: CopyQuery[]) {
  return async function* (query: CopyQuery): AsyncGenerator<UnitWithDocuments> {
    seen.push(query)
    for (const held of units) {
      const { type, metadata } = held
      if (!query.types.includes(type)) continue
      const fields = query.fields ?? Object.keys(metadata)
      const shown = Object.fromEntries(Object.entries(metadata).filter(([field]) => fields.includes(field)))
      const documents = Object.entries(held.documents ?? {}).filter(([name]) => query.documents?.includes(name))
      const bytes = Object.fromEntries(documents.map(([name, text]) => [name, Buffer.from(text)]))
      const unit = { id: idOf(held), type, wireId: '', metadata: shown, updated: new Date(0) }
      yield { unit, documents: bytes, files: [] }
    }
  }
}

interface Place {
  readonly source: readonly HeldUnit[]
  readonly target?: readonly HeldUnit[]
}

interface Copy extends Place {
  readonly additional?: readonly Place[]
  /** The first when absent. */
  readonly selected?: readonly number[]
  readonly conservative?: boolean
  readonly seen?: CopyQuery[]
}

/** Names of what comes along with the first unit. */
async function broughtBy(copy: Copy): Promise<readonly string[]> {
  return (await broughtToEach(copy))[0] ?? []
}

/** The same at each place, the copy's own first. */
async function broughtToEach({ selected = [0], conservative = false, seen = [], ...copy }: Copy) {
  const { additional = [] } = copy
  const places = additional.map((place) => placeOf(place, seen))
  const run: CopyRun<CopyOptions> = {
    ...placeOf(copy, seen),
    options: { conservative, additional: new Map() },
    selected: new Set(selected),
    signal: new AbortController().signal,
    additional: places,
  }
  const found = await Array.fromAsync(yumCopier.further(run))
  return [run, ...places].map((place, at) => {
    const ids = found.filter((batch) => batch.place === place).flatMap((batch) => batch.ids)
    const fresh = at > 0 ? ids : ids.filter((id) => !selected.includes(id))
    return fresh.map((id) => describeUnit([copy, ...additional][at]?.source[id])).sort()
  })
}

function placeOf({ source, target = [] }: Place, seen: CopyQuery[]): CopyPlace {
  return {
    source: unitsOf(source, (unit) => source.indexOf(unit), seen),
    target: unitsOf(target, (unit) => (source.includes(unit) ? source.indexOf(unit) : 1000), seen),
  }
}

function describeUnit(unit: HeldUnit | undefined): string {
  const { id, name, version, stream, arch } = unit?.metadata ?? {}
  if (id !== undefined) return String(id)
  return stream === undefined ? `${name}-${version}${arch === 'noarch' ? '' : `.${arch}`}` : `${name}:${stream}`
}

describe('a recursive copy', () => {
  it('of a category or an environment takes its groups, optional ones too, and their newest packages', async () => {
    const groups = [
      group('one', { mandatory_package_names: ['a'], conditional_package_names: [['c', 'x']] }),
      group('two', { optional_package_names: ['b'], default_package_names: ['held'] }),
      group('three', { mandatory_package_names: ['d'] }),
    ]
    const packages = [
      ...[rpm({ name: 'a', version: '9' }), rpm({ name: 'a', version: '10' }), rpm({ name: 'a', arch: 'i686' })],
      ...[rpm({ name: 'b', requires: ['e'] }), rpm({ name: 'c' }), rpm({ name: 'd' }), rpm({ name: 'e' })],
      rpm({ name: 'held', version: '2' }),
    ]
    const target = [rpm({ name: 'held', version: '1' })]
    const expected = ['a-1.i686', 'a-10', 'b-1', 'c-1', 'e-1', 'one', 'two']
    const category = { type: 'package_category', metadata: { id: 'x', packagegroupids: ['one', 'two', 'gone'] } }
    assert.deepEqual(await broughtBy({ source: [category, ...groups, ...packages], target }), expected)
    const options = [{ group: 'two', default: false }]
    const environment = { type: 'package_environment', metadata: { id: 'x', group_ids: ['one'], options } }
    assert.deepEqual(await broughtBy({ source: [environment, ...groups, ...packages], target }), expected)
    const fewer = ['a-1.i686', 'a-10', 'c-1', 'one']
    const holding = [...target, group('two')]
    assert.deepEqual(
      await broughtBy({ source: [category, ...groups, ...packages], target: holding, conservative: true }),
      fewer,
    )
  })

  it('of an erratum takes what it lists, source packages and modules too', async () => {
    const module = { name: 'zoo', stream: '1', version: '1', context: 'c', arch: 'noarch' }
    const packages = [listed('a', '2'), listed('b', '1', 'noarch', '0'), listed('a', '2', 'src'), listed('gone', '1')]
    const source = [
      erratum('A-1', [{ packages }, { packages: [], module }]),
      erratum('A-2', [{ packages: [listed('d', '1')] }]),
      ...[
        rpm({ name: 'a', version: '1' }),
        rpm({ name: 'a', version: '2' }),
        rpm({ name: 'a', version: '2', arch: 'src' }),
      ],
      ...[rpm({ name: 'b', requires: ['c'] }), rpm({ name: 'c' }), rpm({ name: 'd' })],
      ...[modulemd('zoo', '1', ['e-0:1-1.noarch']), modulemd('zoo', '2', []), rpm({ name: 'e' })],
    ]
    assert.deepEqual(await broughtBy({ source }), ['a-2', 'a-2.src', 'b-1', 'c-1', 'e-1', 'zoo:1'])
  })

  it('of a module takes its artifacts and the modules that it depends on', async () => {
    const source = [
      modulemd(
        'zoo',
        '1',
        ['a-0:1-1.noarch', 'a-0:1-1.src', 'gone-0:1-1.noarch'],
        'fence: [-1], platform: [el8], gate: []',
      ),
      ...[modulemd('fence', '1', []), modulemd('fence', '2', ['f-0:1-1.noarch']), modulemd('gate', '7', [])],
      ...[modulemd('other', '1', ['o-0:1-1.noarch']), rpm({ name: 'a' }), rpm({ name: 'f' }), rpm({ name: 'o' })],
    ]
    assert.deepEqual(await broughtBy({ source }), ['a-1', 'f-1', 'fence:2', 'gate:7'])
    const target = [modulemd('fence', '3', [])]
    assert.deepEqual(await broughtBy({ source, target, conservative: true }), ['a-1', 'gate:7'])
  })

  it('of a package that belongs to a module takes the module, and of others none that does if it can', async () => {
    const source = [
      rpm({ name: 'root', requires: ['a', 'b'] }),
      ...[rpm({ name: 'a', version: '1' }), rpm({ name: 'a', version: '2' }), rpm({ name: 'b' }), rpm({ name: 'c' })],
      modulemd('letters', '1', ['a-0:2-1.noarch']),
      modulemd('more', '1', ['b-0:1-1.noarch', 'c-0:1-1.noarch']),
    ]
    const whole = ['a-1', 'b-1', 'c-1', 'more:1']
    assert.deepEqual(await broughtBy({ source }), whole)
    assert.deepEqual(await broughtBy({ source, target: source.slice(6), conservative: true }), ['a-1', 'b-1'])
    assert.deepEqual(await broughtBy({ source, selected: [2] }), ['letters:1'])
  })

  it('of a package looks into lists of files only for paths that primary does not list', async () => {
    const source = [
      rpm({ name: 'root', requires: ['/usr/bin/a', 'b'] }),
      rpm({ name: 'a', files: ['/usr/bin/a'], requires: ['/usr/share/b & c'] }),
      rpm({ name: 'b' }),
      rpm({ name: 'c', requires: ['d'] }, ['/usr/share/b &amp; c']),
      rpm({ name: 'd' }),
    ]
    const seen: CopyQuery[] = []
    assert.deepEqual(await broughtBy({ source, selected: [2], seen }), [])
    assert.ok(!seen.some(({ documents = [] }) => documents.includes('filelists')))
    assert.deepEqual(await broughtBy({ source }), ['a-1', 'b-1', 'c-1', 'd-1'])
    const target = [rpm({ name: 'other' }, ['/usr/share/b &amp; c'])]
    assert.deepEqual(await broughtBy({ source, target, conservative: true }), ['a-1', 'b-1'])
  })

  it('that is conservative leaves out what the target has', async () => {
    const [root, a, b] = [
      rpm({ name: 'root', requires: ['a'] }),
      rpm({ name: 'a', requires: ['b'] }),
      rpm({ name: 'b' }),
    ]
    const source = [root, a, b]
    assert.deepEqual(await broughtBy({ source, target: [a] }), ['a-1', 'b-1'])
    assert.deepEqual(await broughtBy({ source, target: [a], conservative: true }), [])
  })

  it('of units that need nothing reads no package', async () => {
    const seen: CopyQuery[] = []
    assert.deepEqual(await broughtBy({ source: [group('empty'), rpm({ name: 'a' })], seen }), [])
    assert.ok(!seen.some(({ documents = [] }) => documents.includes('primary')))
  })
})

describe('a recursive copy from several sources', () => {
  const main = [
    rpm({ name: 'root', requires: ['a', 'b', '(nest or tree)', '/usr/share/far'] }),
    ...[rpm({ name: 'a', requires: ['c', 'd'] }), rpm({ name: 'tree' }), rpm({ name: 'own' })],
  ]
  const second = [
    ...[rpm({ name: 'a', version: '2' }), rpm({ name: 'b', requires: ['own', 'd'] }), rpm({ name: 'nest' })],
    ...[rpm({ name: 'c' }), rpm({ name: 'unused' })],
  ]
  const third = [rpm({ name: 'b', version: '9' }), rpm({ name: 'd' }), rpm({ name: 'far' }, ['/usr/share/far'])]

  it('takes what its own lacks from the first of the others that has it, each to its own target', async () => {
    const additional = [{ source: second }, { source: third }]
    const brought = [
      ['a-1', 'own-1', 'tree-1'],
      ['b-1', 'c-1'],
      ['d-1', 'far-1'],
    ]
    assert.deepEqual(await broughtToEach({ source: main, additional }), brought)
    assert.deepEqual(await broughtToEach({ source: main }), [['a-1', 'tree-1']])
  })

  it('leaves out what any of the targets has when it is conservative', async () => {
    const additional = [
      { source: second, target: [rpm({ name: 'd', version: '0' }), rpm({ name: 'own' })] },
      { source: third, target: [rpm({ name: 'hill' }, ['/usr/share/far'])] },
    ]
    const brought = await broughtToEach({ source: main, additional, conservative: true })
    assert.deepEqual(brought, [['a-1', 'tree-1'], ['b-1', 'c-1'], []])
  })

  it('takes modules and their packages from where each is', async () => {
    const source = [
      modulemd('zoo', '1', ['lion-0:1-1.noarch'], 'fence: [], gate: []'),
      ...[modulemd('gate', '1', []), rpm({ name: 'lion', requires: ['meat'] }), rpm({ name: 'post' })],
    ]
    const other = [
      modulemd('fence', '1', ['post-0:1-1.noarch', 'post-0:1-1.src']),
      ...[modulemd('gate', '2', []), modulemd('food', '1', ['meat-0:1-1.noarch'])],
      ...[rpm({ name: 'post' }), rpm({ name: 'post', arch: 'src' }), rpm({ name: 'meat' }), rpm({ name: 'lion' })],
    ]
    assert.deepEqual(await broughtToEach({ source, additional: [{ source: other }] }), [
      ['gate:1', 'lion-1'],
      ['fence:1', 'food:1', 'meat-1', 'post-1', 'post-1.src'],
    ])
  })

  it('takes what advisories and groups list from its own only', async () => {
    const source = [
      erratum('A-1', [{ packages: [listed('a', '1')] }]),
      ...[group('g', { mandatory_package_names: ['b'] }), rpm({ name: 'c' })],
    ]
    const other = [rpm({ name: 'a' }), rpm({ name: 'b' }), rpm({ name: 'c' })]
    const additional = [{ source: other }]
    assert.deepEqual(await broughtToEach({ source, additional, selected: [0, 1, 2] }), [[], []])
  })
})
