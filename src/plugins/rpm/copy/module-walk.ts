import type { Module } from '../errata/advisory.ts'
import type { SourceModule } from './source-modules.ts'

/** Modules with those that they depend on, as far as the sources have them. */
export class ModuleWalk {
  readonly #taken = new Set<SourceModule>()
  /** By place, newest first. */
  readonly #modules: readonly SourceModule[]
  /** What need not be taken. */
  readonly #present: readonly Module[]

  constructor(modules: readonly SourceModule[], present: readonly Module[]) {
    this.#modules = modules
    this.#present = present
  }

  from(roots: Iterable<SourceModule>): ReadonlySet<SourceModule> {
    for (const root of roots) this.#taken.add(root)
    // A set that grows while it is walked shows what is added.
    for (const module of this.#taken) this.#follow(module)
    return this.#taken
  }

  /** One of the ways to meet what a module needs: the first of those that lack the least. */
  #follow({ needs, arch }: SourceModule): void {
    const ways = needs.map((way) => Object.entries(way).map((need) => this.#providersOf(need, arch)))
    const missing = (way: readonly Providers[]) => way.filter(({ isMet, best }) => !isMet && best === undefined).length
    const [way] = ways.toSorted((one, other) => missing(one) - missing(other))
    for (const { isMet, best } of way ?? []) if (!isMet && best !== undefined) this.#taken.add(best)
  }

  #providersOf([name, streams]: readonly [string, readonly string[]], arch: string): Providers {
    const fits = (module: Module) => module.name === name && isAmong(module.stream, streams)
    const fitting = this.#modules.filter(fits)
    const first = fitting.filter(({ place }) => place === fitting[0]?.place)
    return {
      isMet: this.#present.some(fits) || fitting.some((module) => this.#taken.has(module)),
      best: first.find((module) => module.arch === arch) ?? first[0],
    }
  }
}

interface Providers {
  readonly isMet: boolean
  readonly best: SourceModule | undefined
}

/** No streams are all, `-1` is any but 1. */
function isAmong(stream: string, streams: readonly string[]): boolean {
  const wanted = streams.filter((one) => !one.startsWith('-'))
  return !streams.includes(`-${stream}`) && (wanted.length === 0 || wanted.includes(stream))
}
