import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { packageElement, type TestPackage } from '../../../testing/package-elements.ts'
import { DependencyWalk } from './dependency-walk.ts'
import { PackageIndex } from './package-index.ts'
import type { Dependency } from './rich-dependency.ts'

/** A second repository begins with the package at `second`. */
function indexOf(packages: readonly TestPackage[], askers?: PackageIndex, second?: number): PackageIndex {
  const index = new PackageIndex(askers)
  index.nextRepository()
  for (const [id, one] of packages.entries()) {
    if (id === second) index.nextRepository()
    const { name, version = '1', arch = 'noarch' } = one
    index.add(id, { name, arch, evr: `${version}-1` }, Buffer.from(packageElement(one)))
  }
  return index
}

const label = ({ name, version = '1', arch = 'noarch' }: TestPackage) => `${name}-${version}.${arch}`

interface Copy {
  readonly source: readonly TestPackage[]
  readonly target?: readonly TestPackage[]
  readonly conservative?: boolean
}

/** What a copy of the first package of the source brings along. */
async function broughtBy({ source, target = [], conservative = false }: Copy): Promise<string[]> {
  const taken = await walk(source, target, [0], conservative)
  return source.filter((_, number) => number > 0 && taken.has(number)).map(label)
}

async function walk(
  source: readonly TestPackage[],
  target: readonly TestPackage[],
  roots: number[],
  conservative: boolean,
  second?: number,
) {
  const index = indexOf(source, undefined, second)
  const all = await new DependencyWalk({ source: index }).from(roots)
  if (!conservative) return all
  return new DependencyWalk({ source: index, target: indexOf(target, index), allowed: all }).from(roots)
}

const asking = (...requires: string[]): TestPackage => ({ name: 'root', requires, arch: 'x86_64' })

describe('what packages need', () => {
  it('is followed to the end, the newest of each', async () => {
    const source: TestPackage[] = [
      asking('a'),
      { name: 'a', version: '1' },
      { name: 'a', version: '10', requires: ['virtual >= 2'] },
      { name: 'b', provides: ['virtual = 2'], requires: ['/usr/bin/c', 'nowhere'] },
      { name: 'b', provides: ['virtual = 1'], version: '2' },
      { name: 'c', files: ['/usr/bin/c'] },
      { name: 'other' },
    ]
    assert.deepEqual(await broughtBy({ source }), ['a-10.noarch', 'b-1.noarch', 'c-1.noarch'])
  })

  it('is of the own arch or of none, of another arch of the family at last, and never of a foreign one', async () => {
    const archs = (...names: string[]): TestPackage[] => names.map((arch) => ({ name: 'a', arch }))
    const source = (...names: string[]) => [asking('a'), ...archs(...names)]
    assert.deepEqual(await broughtBy({ source: source('i686', 'aarch64', 'x86_64') }), ['a-1.x86_64'])
    assert.deepEqual(await broughtBy({ source: source('i686', 'noarch') }), ['a-1.noarch'])
    assert.deepEqual(await broughtBy({ source: source('i686', 'aarch64') }), ['a-1.i686'])
    assert.deepEqual(await broughtBy({ source: source('aarch64') }), [])
    const foreign: TestPackage = { name: 'twin', arch: 'aarch64', requires: ['a'] }
    const taken = await walk([asking('a'), foreign, ...archs('aarch64', 'x86_64')], [], [0, 1], false)
    assert.deepEqual([...taken].sort(), [0, 1, 2, 3])
  })

  it('of a package without an arch is of the arch that most have', async () => {
    const source: TestPackage[] = [
      { name: 'root', requires: ['a'] },
      { name: 'a', arch: 'i686' },
      { name: 'a', arch: 'x86_64' },
      { name: 'b', arch: 'x86_64' },
    ]
    assert.deepEqual(await broughtBy({ source }), ['a-1.x86_64'])
  })

  it('is not taken twice: a package that was selected will do, though there is a newer one', async () => {
    const source: TestPackage[] = [asking('a'), { name: 'a', version: '1' }, { name: 'a', version: '2' }]
    assert.deepEqual([...(await walk(source, [], [0, 1], false))], [0, 1])
  })

  it('is called as what is asked for, if one is', async () => {
    const source: TestPackage[] = [asking('mail'), { name: 'exim', provides: ['mail'] }, { name: 'mail' }]
    assert.deepEqual(await broughtBy({ source }), ['mail-1.noarch'])
  })

  const zoo = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
  for (const [required, expected] of [
    ['(a and b)', 'a b'],
    ['(a or b)', 'a'],
    ['(nowhere or b)', 'b'],
    ['((a and nowhere) or (b and c))', 'b c'],
    ['(a if b)', 'a'],
    ['(a if nowhere else b)', 'a b'],
    ['(a unless b)', 'a'],
    ['(a unless b else c)', 'a c'],
    ['((nowhere if b) or c)', 'c'],
    ['(broken', ''],
  ] as const) {
    it(`of ${required} is ${expected || 'nothing'}`, async () => {
      const brought = await broughtBy({ source: [asking(required), ...zoo] })
      assert.equal(brought.map((text) => text.charAt(0)).join(' '), expected)
    })
  }

  it('of `with` and `without` is one package', async () => {
    const source = (required: string): TestPackage[] => [
      asking(required),
      { name: 'a', provides: ['x = 1'] },
      { name: 'b', provides: ['x = 2', 'y'] },
      { name: 'c', provides: ['y'] },
    ]
    assert.deepEqual(await broughtBy({ source: source('(x with y)') }), ['b-1.noarch'])
    assert.deepEqual(await broughtBy({ source: source('(x without y)') }), ['a-1.noarch'])
    assert.deepEqual(await broughtBy({ source: source('(y without x < 3)') }), ['c-1.noarch'])
    assert.deepEqual(await broughtBy({ source: source('(x >= 2 with nowhere)') }), [])
  })

  it('is left out by a conservative copy where the target provides it', async () => {
    const source: TestPackage[] = [asking('a >= 2', 'b', '/usr/bin/c'), { name: 'a', version: '2', requires: ['d'] }]
    source.push({ name: 'b' }, { name: 'c', files: ['/usr/bin/c'] }, { name: 'd' })
    const target: TestPackage[] = [
      { name: 'a', version: '1' },
      { name: 'x', provides: ['b'], files: ['/usr/bin/c'] },
    ]
    assert.deepEqual(await broughtBy({ source, target, conservative: true }), ['a-2.noarch', 'd-1.noarch'])
    assert.deepEqual((await broughtBy({ source, target })).length, 4)
  })
})

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const version = fc.integer({ min: 1, max: 4 }).map(String)
const atom = fc
  .tuple(name, fc.option(fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), version)))
  .map(([name, range]) => (range === null ? name : `${name} ${range.join(' ')}`))
const requirement = fc.oneof(
  { weight: 4, arbitrary: atom },
  fc
    .tuple(atom, fc.constantFrom('and', 'or', 'if', 'unless', 'with', 'without'), atom)
    .map(([one, operator, other]) => `(${one} ${operator} ${other})`),
)
const onePackage: fc.Arbitrary<TestPackage> = fc.record({
  name,
  version,
  arch: fc.constantFrom('noarch', 'noarch', 'x86_64', 'i686', 'aarch64'),
  requires: fc.array(requirement, { maxLength: 3 }),
  provides: fc.array(
    atom.filter((text) => !/[<>]/.test(text)),
    { maxLength: 1 },
  ),
})
const universe = fc.record({
  source: fc.array(onePackage, { minLength: 1, maxLength: 12 }),
  target: fc.array(onePackage, { maxLength: 4 }),
  seed: fc.nat(),
})

describe('copies of random packages', () => {
  const numRuns = process.env['DECKLE_TEST_LONG'] === '1' ? 20_000 : 500

  it('lack nothing that the source could have given', async () => {
    await fc.assert(
      fc.asyncProperty(universe, fc.boolean(), fc.nat(12), async ({ source, target, seed }, conservative, second) => {
        const taken = await walk(source, target, [seed % source.length], conservative, second)
        const copied = source.filter((_, number) => taken.has(number))
        const index = indexOf(source)
        const given = indexOf(conservative ? [...copied, ...target] : copied)
        for (const number of taken) {
          const { arch } = index.packageName(number)
          for (const required of index.requirements(number)) {
            const lacking = isLacking(required, { given, all: index, arch })
            assert.equal(lacking, false, `${JSON.stringify(required)} of ${number}`)
          }
        }
      }),
      { numRuns },
    )
  })

  it('are no larger when they are conservative, and take nothing but what is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(universe, async ({ source, target, seed }) => {
        const roots = [seed % source.length]
        const [all, conservative] = [await walk(source, target, roots, false), await walk(source, target, roots, true)]
        assert.ok(conservative.isSubsetOf(all))
        assert.deepEqual(await walk(source, [], roots, true), await walk(source, [], roots, false))
      }),
      { numRuns },
    )
  })
})

interface Terms {
  readonly given: PackageIndex
  readonly all: PackageIndex
  readonly arch: string
}

/** Whether what is given does not meet it and all that there is does. */
function isLacking(required: Dependency, terms: Terms): boolean {
  switch (required.kind) {
    case 'and':
      return required.parts.some((part) => isLacking(part, terms))
    case 'if':
    case 'unless':
      return isLacking(required.wanted, terms)
    default:
      return !meets(required, terms.given, terms.arch) && meets(required, terms.all, terms.arch)
  }
}

function meets(required: Dependency, index: PackageIndex, arch: string): boolean {
  return [...meeting(required, index)].some((number) => fits(arch, index.packageName(number).arch))
}

function meeting(required: Dependency, index: PackageIndex): Set<number> {
  if (required.kind === 'one') return new Set(index.providers(required.capability))
  if (required.kind === 'without') return meeting(required.wanted, index).difference(meeting(required.unwanted, index))
  assert.ok(required.kind === 'or' || required.kind === 'with')
  const [one = new Set<number>(), other = new Set<number>()] = required.parts.map((part) => meeting(part, index))
  return required.kind === 'or' ? one.union(other) : one.intersection(other)
}

const x86 = ['x86_64', 'i686']
function fits(arch: string, other: string): boolean {
  return [arch, other].includes('noarch') || arch === other || (x86.includes(arch) && x86.includes(other))
}
