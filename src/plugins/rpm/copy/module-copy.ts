import type { CopyRun } from '../../../core/copier.ts'
import type { Module } from '../errata/advisory.ts'
import { modulemdType } from '../modules/module-types.ts'
import type { CopyOptions } from './copy-options.ts'
import { hasSelected } from './has-selected.ts'
import { ModuleWalk } from './module-walk.ts'
import type { PackageName } from './package-index.ts'
import { nameOf, type SourceModule, sourceModules, targetModules } from './source-modules.ts'
import { buildText, toPackageName, type WantedPackages } from './wanted-packages.ts'

type Run = CopyRun<CopyOptions>

/** A package and the place that it is taken from. */
interface PlacedName {
  readonly name: PackageName
  readonly place: number
}

/** The modules of a copy. They are read when the first is of interest. */
export class ModuleCopy {
  readonly #run: Run
  readonly #roots = new Set<SourceModule>()
  #taken: ReadonlySet<SourceModule> = new Set()
  #modules: readonly SourceModule[] | undefined
  #target: readonly Module[] | undefined
  /** By the text of a build. */
  #ofArtifact: ReadonlyMap<string, readonly SourceModule[]> | undefined

  constructor(run: Run) {
    this.#run = run
  }

  /** Row ids of the modules that come along from a place. */
  idsAt(place: number): readonly number[] {
    return [...this.#taken].filter((module) => module.place === place).map(({ id }) => id)
  }

  /** Takes those that were selected or are asked for, and all that they depend on; the artifacts of all go to `wanted`. */
  async follow(asked: readonly Module[], wanted: WantedPackages): Promise<void> {
    if (asked.length === 0 && !(await hasSelected(this.#run, modulemdType.id))) return
    const names = new Set(asked.map(nameOf))
    for (const module of await this.#source()) {
      if (module.place > 0) break
      if (this.#run.selected.has(module.id) || names.has(nameOf(module))) this.#roots.add(module)
    }
    await this.#walk(wanted)
  }

  /** The same for the newest modules of these packages: dnf installs none whose module it does not know. False when all are there. */
  async followPackages(packages: Iterable<PlacedName>, wanted: WantedPackages): Promise<boolean> {
    const before = this.#roots.size
    const ofArtifact = await this.#artifacts()
    const present = new Set((await this.#present()).map(nameOf))
    for (const { name, place } of packages) {
      const modules = ofArtifact.get(buildText(name)) ?? []
      const isThere = modules.some((module) => this.#taken.has(module) || present.has(nameOf(module)))
      const best = modules.find((module) => module.place === place) ?? modules[0]
      if (!isThere && best !== undefined) this.#roots.add(best)
    }
    if (this.#roots.size === before) return false
    await this.#walk(wanted)
    return true
  }

  async isArtifact(): Promise<(name: PackageName) => boolean> {
    const ofArtifact = await this.#artifacts()
    return (name) => ofArtifact.has(buildText(name))
  }

  async #walk(wanted: WantedPackages): Promise<void> {
    const source = await this.#source()
    this.#taken = new ModuleWalk(source, []).from(this.#roots)
    if (this.#run.options.conservative) {
      const allowed = source.filter((module) => this.#taken.has(module))
      this.#taken = new ModuleWalk(allowed, await this.#present()).from(this.#roots)
    }
    for (const { artifacts, place } of this.#taken) for (const build of artifacts) wanted.addBuild(build, place)
  }

  async #source(): Promise<readonly SourceModule[]> {
    this.#modules ??= await sourceModules(this.#run)
    return this.#modules
  }

  async #present(): Promise<readonly Module[]> {
    this.#target ??= this.#run.options.conservative ? await targetModules(this.#run) : []
    return this.#target
  }

  async #artifacts(): Promise<ReadonlyMap<string, readonly SourceModule[]>> {
    if (this.#ofArtifact !== undefined) return this.#ofArtifact
    const found = new Map<string, SourceModule[]>()
    for (const module of await this.#source()) {
      for (const build of module.artifacts) {
        const text = buildText(toPackageName(build))
        found.set(text, [...(found.get(text) ?? []), module])
      }
    }
    this.#ofArtifact = found
    return found
  }
}
