import { compareEvr } from '../rpm-version.ts'
import { archFamily } from './arch-family.ts'
import type { PackageIndex } from './package-index.ts'
import { type Dependency, isConditional } from './rich-dependency.ts'

export interface WalkTerms {
  readonly source: PackageIndex
  readonly target: PackageIndex
  /** Whether what the target provides need not be copied. Conditions see the target in any case. */
  readonly targetCounts: boolean
  /** Of the source's packages, those that may be taken; all when absent. */
  readonly allowed?: ReadonlySet<number>
}

/** A requirement of a package, by number in the source. */
interface Need {
  readonly number: number
  readonly required: Dependency
}

/**
 * Finds what packages need, to the end: of each requirement that nothing meets yet, one provider. Conditions (`if`) are met by what is in
 * the copy or in the target: a host may install it from there. What is nowhere in the source stays missing.
 */
export class DependencyWalk {
  readonly #terms: WalkTerms
  readonly #taken = new Set<number>()
  readonly #waiting: number[] = []
  /** Looked at again whenever more has been taken. */
  readonly #conditional: Need[] = []
  readonly #families = new Map<string, string>()
  readonly #mainArch: string

  constructor(terms: WalkTerms) {
    this.#terms = terms
    this.#mainArch = mostCommonArch(terms.source)
  }

  /** Numbers of packages in the source: `roots` and all that they need. */
  from(roots: Iterable<number>): ReadonlySet<number> {
    for (const root of roots) this.#take(root)
    for (let seen = -1; seen < this.#taken.size; ) {
      seen = this.#taken.size
      this.#followWaiting()
      for (const { required, number } of this.#conditional) this.#meet(required, number)
    }
    return this.#taken
  }

  #followWaiting(): void {
    for (let number = this.#waiting.pop(); number !== undefined; number = this.#waiting.pop()) {
      for (const required of this.#terms.source.requirements(number)) {
        if (isConditional(required)) this.#conditional.push({ number, required })
        this.#meet(required, number)
      }
    }
  }

  #take(number: number): void {
    if (this.#taken.has(number)) return
    this.#taken.add(number)
    this.#waiting.push(number)
  }

  /** Takes what `asker` lacks for it, as far as it is to be had. */
  #meet(required: Dependency, asker: number): void {
    switch (required.kind) {
      case 'and':
        for (const part of required.parts) this.#meet(part, asker)
        return
      case 'or':
        this.#meetOne(required.parts, asker)
        return
      case 'if':
        if (this.#isThere(required.condition)) this.#meet(required.wanted, asker)
        if (required.otherwise !== undefined) this.#meet(required.otherwise, asker)
        return
      case 'unless':
        this.#meet(required.wanted, asker)
        if (required.otherwise !== undefined && this.#isThere(required.condition)) this.#meet(required.otherwise, asker)
        return
      default:
        if (!this.#isMet(required, asker)) this.#takeBest(required, asker)
    }
  }

  #meetOne(parts: readonly Dependency[], asker: number): void {
    if (parts.some((part) => this.#isMet(part, asker))) return
    const part = parts.find((one) => this.#canBeMet(one, asker))
    if (part !== undefined) this.#meet(part, asker)
  }

  #isMet(required: Dependency, asker: number): boolean {
    return this.#holds(required, (one) => {
      if (this.#candidates(one, asker).some((number) => this.#taken.has(number))) return true
      return this.#terms.targetCounts && this.#targetProvides(one, this.#arch(asker))
    })
  }

  #canBeMet(required: Dependency, asker: number): boolean {
    return this.#holds(required, (one) => this.#isMet(one, asker) || this.#candidates(one, asker).some(() => true))
  }

  /** In the copy or in the target, for whatever arch. */
  #isThere(condition: Dependency): boolean {
    return this.#holds(condition, (one) => {
      for (const number of matches(this.#terms.source, one)) if (this.#taken.has(number)) return true
      return this.#targetProvides(one, undefined)
    })
  }

  /** With `test` for what one package meets. */
  #holds(required: Dependency, test: (one: Dependency) => boolean): boolean {
    switch (required.kind) {
      case 'and':
        return required.parts.every((part) => this.#holds(part, test))
      case 'or':
        return required.parts.some((part) => this.#holds(part, test))
      case 'if':
      case 'unless': {
        const { kind, wanted, condition, otherwise } = required
        const isThere = this.#isThere(condition)
        const [first, second] = kind === 'if' ? [isThere, true] : [true, isThere]
        if (first && !this.#holds(wanted, test)) return false
        return !second || otherwise === undefined || this.#holds(otherwise, test)
      }
      default:
        return test(required)
    }
  }

  #takeBest(required: Dependency, asker: number): void {
    const name = required.kind === 'one' ? required.capability.name : ''
    let best: number | undefined
    for (const number of this.#candidates(required, asker)) {
      if (best === undefined || this.#prefer(number, best, name, this.#arch(asker)) < 0) best = number
    }
    if (best !== undefined) this.#take(best)
  }

  /** Packages of the source that may be taken for it. */
  #candidates(required: Dependency, asker: number): IteratorObject<number> {
    const arch = this.#arch(asker)
    const { source, allowed } = this.#terms
    return matches(source, required).filter(
      (number) => allowed?.has(number) !== false && this.#isCompatible(arch, this.#arch(number)),
    )
  }

  #targetProvides(required: Dependency, arch: string | undefined): boolean {
    const { target } = this.#terms
    return matches(target, required).some(
      (number) => arch === undefined || this.#isCompatible(arch, target.packageName(number).arch),
    )
  }

  #arch(number: number): string {
    return this.#terms.source.packageName(number).arch
  }

  #isCompatible(arch: string, other: string): boolean {
    return arch === other || arch === 'noarch' || other === 'noarch' || this.#family(arch) === this.#family(other)
  }

  #family(arch: string): string {
    const known = this.#families.get(arch) ?? archFamily(arch)
    this.#families.set(arch, known)
    return known
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
    const { arch } = source.packageName(number)
    if (arch !== 'noarch') counts.set(arch, (counts.get(arch) ?? 0) + 1)
  }
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['noarch', 0] as const)[0]
}

function compareTexts(one: string, two: string): number {
  if (one === two) return 0
  return one < two ? -1 : 1
}
