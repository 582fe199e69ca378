import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { PackageSpec } from './rpm-packages.ts'

/** Packages that require each other in every way there is, and some things that none of them has. */
export function randomUniverse(seed: number): PackageSpec[] {
  const random = new SeededRandom(seed)
  const names = Array.from({ length: 40 }, (_, number) => `p${number}`)
  const newer = names.filter(() => random.below(4) === 0)
  return [...names.map((name) => [name, '1.0'] as const), ...newer.map((name) => [name, '2.0'] as const)].map(
    ([name, version]) => ({
      name,
      version,
      ...(random.below(8) === 0 && { epoch: 1 }),
      provides: some(random, 2, () => `cap-${random.below(12)} = ${1 + random.below(3)}`),
      requires: some(random, 3, () => requirement(random, names)),
    }),
  )
}

function some<Item>(random: SeededRandom, most: number, make: () => Item): Item[] {
  return Array.from({ length: random.below(most + 1) }, make)
}

function requirement(random: SeededRandom, names: readonly string[]): string {
  const one = () => atom(random, names)
  const kind = random.below(10)
  if (kind < 6) return one()
  if (kind < 8) return `/usr/share/${random.pick(names)}/data`
  const operator = random.pick(['and', 'or', 'if', 'with', 'without'])
  return operator?.startsWith('with')
    ? `(cap-${random.below(12)} ${operator} cap-${random.below(12)} > 1)`
    : `(${one()} ${operator} ${one()})`
}

function atom(random: SeededRandom, names: readonly string[]): string {
  const name = random.pick([`cap-${random.below(12)}`, random.pick(names), random.pick(names), 'nowhere'])
  const version = `${random.pick(['', '', '1:'])}${1 + random.below(3)}`
  return random.below(2) === 0 ? `${name}` : `${name} ${random.pick(['=', '<', '<=', '>', '>='])} ${version}`
}
