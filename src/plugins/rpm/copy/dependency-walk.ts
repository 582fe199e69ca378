import { setImmediate } from 'node:timers/promises'
import { compareEvr } from '../rpm-version.ts'
import { archFamily } from './arch-family.ts'
import type { PackageIndex } from './package-index.ts'
import type { Dependency } from './rich-dependency.ts'

export interface WalkTerms {
  readonly source: PackageIndex
  /** Packages of `source` that belong to modules: others ask for them only where nothing else will do. */
  readonly artifacts?: ReadonlySet<number>
  /** What this provides need not be copied. */
  readonly target?: PackageIndex
  /** Of the source's packages, those that may be taken; all when absent. */
  readonly allowed?: ReadonlySet<number>
}

const packagesAtATime = 256

/**
 * Finds what packages need, to the end: of each requirement that nothing meets yet, one provider, of the first repository that has any. Conditions (`if`, `unless`) are not
 * looked at: what they name a host may have from elsewhere. What is nowhere in the source stays missing.
 */
export class DependencyWalk {
  readonly #terms: WalkTerms
  readonly #taken = new Set<number>()
  readonly #families = new Map<string, string>()
  readonly #mainArch: string

  constructor(terms: WalkTerms) {
    this.#terms = terms
    this.#mainArch = mostCommonArch(terms.source)
  }

  /** Numbers of packages in the source: `roots` and all that they need. Lets others run now and then. */
  async from(roots: Iterable<number>, signal?: AbortSignal): Promise<ReadonlySet<number>> {
    for (const root of roots) this.#taken.add(root)
    let walked = 0
    // A set that grows while it is walked shows what is added.
    for (const number of this.#taken) {
      for (const required of this.#terms.source.requirements(number)) this.#meet(required, number)
      walked += 1
      if (walked % packagesAtATime === 0) await setImmediate()
      signal?.throwIfAborted()
    }
    return this.#taken
  }

  /** Takes what `asker` lacks for it, as far as it is to be had. */
  #meet(required: Dependency, asker: number): void {
    switch (required.kind) {
      case 'and':
      case 'if':
      case 'unless':
        for (const part of needed(required)) this.#meet(part, asker)
        return
      case 'or':
        this.#meetOne(required.parts, asker)
        return
      default:
        if (!this.#isMet(required, asker)) this.#takeBest(required, asker)
    }
  }

  #meetOne(parts: readonly Dependency[], asker: number): void {
    if (parts.some((part) => this.#isMet(part, asker))) return
    for (let last = 0; last < this.#terms.source.repositories; last += 1) {
      const part = parts.find((one) => this.#canBeMet(one, asker, last))
      if (part === undefined) continue
      this.#meet(part, asker)
      return
    }
  }

  #isMet(required: Dependency, asker: number): boolean {
    return holds(required, (one) => {
      if (this.#candidates(one, asker).some((number) => this.#taken.has(number))) return true
      return this.#targetProvides(one, asker)
    })
  }

  /** By repositories up to the `last`. */
  #canBeMet(required: Dependency, asker: number, last: number): boolean {
    const isNear = (number: number) => this.#terms.source.repository(number) <= last
    return holds(required, (one) => this.#targetProvides(one, asker) || this.#candidates(one, asker).some(isNear))
  }

  #takeBest(required: Dependency, asker: number): void {
    const name = required.kind === 'one' ? required.capability.name : ''
    const arch = this.#terms.source.arch(asker)
    let best: number | undefined
    const order = (one: number, two: number) =>
      this.#repositoryOrder(one, two) || this.#moduleOrder(one, two, asker) || this.#prefer(one, two, name, arch)
    for (const number of this.#candidates(required, asker))
      if (best === undefined || order(number, best) < 0) best = number
    if (best !== undefined) this.#taken.add(best)
  }

  #repositoryOrder(one: number, two: number): number {
    const { source } = this.#terms
    return source.repositories === 1 ? 0 : source.repository(one) - source.repository(two)
  }

  #moduleOrder(one: number, two: number, asker: number): number {
    const { artifacts } = this.#terms
    if (artifacts === undefined || artifacts.has(asker)) return 0
    return Number(artifacts.has(one)) - Number(artifacts.has(two))
  }

  /** Packages of the source that may be taken for it. */
  #candidates(required: Dependency, asker: number): IteratorObject<number> {
    const { source, allowed } = this.#terms
    const arch = source.arch(asker)
    return matches(source, required).filter(
      (number) => allowed?.has(number) !== false && this.#isCompatible(arch, source.arch(number)),
    )
  }

  #targetProvides(required: Dependency, asker: number): boolean {
    const { source, target } = this.#terms
    if (target === undefined) return false
    return matches(target, required).some((number) => this.#isCompatible(source.arch(asker), target.arch(number)))
  }

  #isCompatible(arch: string, other: string): boolean {
    return arch === other || arch === 'noarch' || other === 'noarch' || this.#family(arch) === this.#family(other)
  }

  #family(arch: string): string {
    const known = this.#families.get(arch)
    if (known !== undefined) return known
    const family = archFamily(arch)
    this.#families.set(arch, family)
    return family
  }

  /**
   * Negative when `one` is the better provider: of the asker's own arch or of none, called as what is asked for, of the shorter name,
   * newer.
   */
  #prefer(one: number, two: number, asked: string, arch: string): number {
    const { source } = this.#terms
    const [first, second] = [source.packageName(one), source.packageName(two)]
    const own = arch === 'noarch' ? this.#mainArch : arch
    const foreign = (other: string) => Number(other !== own && other !== 'noarch')
    return (
      foreign(first.arch) - foreign(second.arch) ||
      Number(first.name !== asked) - Number(second.name !== asked) ||
      first.name.length - second.name.length ||
      compareTexts(first.name, second.name) ||
      compareEvr(source.parsed(second.evr), source.parsed(first.evr)) ||
      Number(first.arch !== own) - Number(second.arch !== own) ||
      one - two
    )
  }
}

/** With `test` for what one package meets. */
function holds(required: Dependency, test: (one: Dependency) => boolean): boolean {
  switch (required.kind) {
    case 'and':
    case 'if':
    case 'unless':
      return needed(required).every((part) => holds(part, test))
    case 'or':
      return required.parts.some((part) => holds(part, test))
    default:
      return test(required)
  }
}

/** What has to be there, whatever else is. */
function needed(required: Extract<Dependency, { kind: 'and' | 'if' | 'unless' }>): readonly Dependency[] {
  if (required.kind === 'and') return required.parts
  return required.otherwise === undefined ? [required.wanted] : [required.wanted, required.otherwise]
}

/** Numbers of packages each of which meets a dependency by itself. */
function matches(index: PackageIndex, required: Dependency): IteratorObject<number> {
  switch (required.kind) {
    case 'one':
      return index.providers(required.capability)
    case 'or':
      return new Set(required.parts.flatMap((part) => [...matches(index, part)])).values()
    case 'with': {
      const [first, ...others] = required.parts.map((part) => new Set(matches(index, part)))
      return others.reduce((both, other) => both.intersection(other), first ?? new Set<number>()).values()
    }
    case 'without':
      return new Set(matches(index, required.wanted)).difference(new Set(matches(index, required.unwanted))).values()
    default:
      return [].values()
  }
}

function mostCommonArch(source: PackageIndex): string {
  const counts = new Map<string, number>()
  for (let number = 0; number < source.length; number += 1) {
    const arch = source.arch(number)
    if (arch !== 'noarch') counts.set(arch, (counts.get(arch) ?? 0) + 1)
  }
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['noarch', 0] as const)[0]
}

function compareTexts(one: string, two: string): number {
  if (one === two) return 0
  return one < two ? -1 : 1
}
