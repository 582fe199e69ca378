import type { CopyPlace, CopyQuery, CopyRun } from '../../../core/copier.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { isPrimaryPath } from '../package/file-list.ts'
import { rpmType, srpmType } from '../rpm-types.ts'
import { compareEvr } from '../rpm-version.ts'
import type { CopyOptions } from './copy-options.ts'
import { placesOf } from './copy-places.ts'
import { DependencyWalk } from './dependency-walk.ts'
import { hasSelected } from './has-selected.ts'
import type { ModuleCopy } from './module-copy.ts'
import { evrText, filesIn } from './package-entries.ts'
import { PackageIndex, type PackageName } from './package-index.ts'
import type { WantedPackages } from './wanted-packages.ts'

type Run = CopyRun<CopyOptions>

const keyFields = ['name', 'epoch', 'version', 'release', 'arch']

/**
 * Row ids, for each place of the copy, of the packages that are wanted, and of those that they and the selected ones need; their modules
 * go to `modules`.
 */
export async function neededPackages(
  run: Run,
  wanted: WantedPackages,
  modules: ModuleCopy,
): Promise<readonly (readonly number[])[]> {
  if (wanted.isEmpty && !(await hasSelected(run, rpmType.id))) return []
  const packages = await new PackageCopy(run, wanted, modules).needed()
  for (const [number, place] of placesOf(run).entries())
    packages[number]?.push(...(await wantedSources(number, place, wanted)))
  return packages
}

/** Source packages: what they are built with does not come along. */
async function wantedSources(
  number: number,
  { source }: CopyPlace,
  wanted: WantedPackages,
): Promise<readonly number[]> {
  const found: number[] = []
  if (!wanted.hasBuilds) return found
  for await (const { unit } of source({ types: [srpmType.id], fields: keyFields }))
    if (wanted.hasBuild(nameOf(unit.metadata), number)) found.push(unit.id)
  return found
}

class PackageCopy {
  readonly #run: Run
  readonly #wanted: WantedPackages
  readonly #modules: ModuleCopy
  readonly #source = new PackageIndex()
  readonly #target = new PackageIndex(this.#source)
  readonly #roots = new Set<number>()
  readonly #targetNames = new Set<string>()
  /** Of modules. */
  readonly #artifacts = new Set<number>()
  #hasFiles = false

  constructor(run: Run, wanted: WantedPackages, modules: ModuleCopy) {
    this.#run = run
    this.#wanted = wanted
    this.#modules = modules
  }

  /** Row ids, for each place. */
  async needed(): Promise<number[][]> {
    await this.#load()
    await this.#markArtifacts()
    this.#addNewestOfNames()
    let taken: ReadonlySet<number>
    do {
      this.#addBuilds()
      taken = await this.#walkWithFiles()
    } while (await this.#modules.followPackages(this.#namesOf(taken), this.#wanted))
    return this.#byPlace(taken)
  }

  #byPlace(taken: ReadonlySet<number>): number[][] {
    const ids: number[][] = placesOf(this.#run).map(() => [])
    for (const number of taken) {
      const [place, id] = [this.#source.repository(number), this.#source.id(number)]
      if (!this.#run.options.conservative || !this.#target.has(place, id)) ids[place]?.push(id)
    }
    return ids
  }

  *#namesOf(numbers: Iterable<number>) {
    for (const number of numbers)
      yield { name: this.#source.packageName(number), place: this.#source.repository(number) }
  }

  async #markArtifacts(): Promise<void> {
    const isArtifact = await this.#modules.isArtifact()
    for (let number = 0; number < this.#source.length; number += 1)
      if (isArtifact(this.#source.packageName(number))) this.#artifacts.add(number)
  }

  #addBuilds(): void {
    for (let number = 0; number < this.#source.length; number += 1)
      if (this.#wanted.hasBuild(this.#source.packageName(number), this.#source.repository(number)))
        this.#roots.add(number)
  }

  async #walkWithFiles(): Promise<ReadonlySet<number>> {
    const taken = await this.#walk()
    if (this.#hasFiles || beyondPrimary(this.#source.missingPaths(taken)).size === 0) return taken
    await this.#loadFiles(beyondPrimary(this.#source.missingPaths()))
    this.#hasFiles = true
    return this.#walk()
  }

  async #load(): Promise<void> {
    const packages: CopyQuery = { types: [rpmType.id], fields: keyFields, documents: ['primary'] }
    for (const place of placesOf(this.#run)) {
      this.#source.nextRepository()
      for await (const { unit, documents } of this.#read(place.source(packages))) {
        const number = this.#source.add(unit.id, nameOf(unit.metadata), documents['primary'] ?? new Uint8Array())
        if (place === this.#run && this.#run.selected.has(unit.id)) this.#roots.add(number)
      }
    }
    await this.#loadTargets(packages)
  }

  /** What it provides is of interest to a conservative copy only, names of packages where groups name some. */
  async #loadTargets(packages: CopyQuery): Promise<void> {
    const { conservative } = this.#run.options
    if (!conservative && this.#wanted.names.size === 0) return
    const query = { ...packages, documents: conservative ? ['primary'] : [] }
    for (const place of conservative ? placesOf(this.#run) : [this.#run]) {
      this.#target.nextRepository()
      for await (const { unit, documents } of this.#read(place.target(query))) {
        const name = nameOf(unit.metadata)
        this.#target.add(unit.id, name, documents['primary'] ?? new Uint8Array())
        if (place === this.#run) this.#targetNames.add(name.name)
      }
    }
  }

  /** From the copy's own source, of each name that the target has no package of, the newest for each arch. */
  #addNewestOfNames(): void {
    const newest = new Map<string, number>()
    for (let number = 0; number < this.#source.length; number += 1) {
      if (this.#source.repository(number) > 0) break
      const { name, arch, evr } = this.#source.packageName(number)
      if (!this.#wanted.names.has(name) || this.#targetNames.has(name)) continue
      const former = newest.get(`${name} ${arch}`)
      if (former === undefined || this.#isNewer(evr, former)) newest.set(`${name} ${arch}`, number)
    }
    for (const number of newest.values()) this.#roots.add(number)
  }

  #isNewer(evr: string, former: number): boolean {
    const source = this.#source
    return compareEvr(source.parsed(evr), source.parsed(source.packageName(former).evr)) > 0
  }

  /** A conservative copy is a part of what a full one would be. */
  async #walk(): Promise<ReadonlySet<number>> {
    const { options, signal } = this.#run
    const all = await new DependencyWalk({ source: this.#source, artifacts: this.#artifacts }).from(this.#roots, signal)
    if (!options.conservative) return all
    const terms = { source: this.#source, artifacts: this.#artifacts, target: this.#target, allowed: all }
    return new DependencyWalk(terms).from(this.#roots, signal)
  }

  async #loadFiles(paths: ReadonlySet<string>): Promise<void> {
    const filelists: CopyQuery = { types: [rpmType.id], fields: [], documents: ['filelists'] }
    const addFiles = async (index: PackageIndex, number: number, units: AsyncIterable<UnitWithDocuments>) => {
      for await (const { unit, documents } of this.#read(units)) {
        const text = Buffer.from(documents['filelists'] ?? []).toString('latin1')
        for (const path of filesIn(text)) if (paths.has(path)) index.addFile(number, unit.id, path)
      }
    }
    for (const [number, place] of placesOf(this.#run).entries()) {
      await addFiles(this.#source, number, place.source(filelists))
      if (this.#run.options.conservative) await addFiles(this.#target, number, place.target(filelists))
    }
  }

  async *#read(units: AsyncIterable<UnitWithDocuments>): AsyncGenerator<UnitWithDocuments> {
    for await (const unit of units) {
      this.#run.signal.throwIfAborted()
      yield unit
    }
  }
}

/** Paths that only filelists would name. */
function beyondPrimary(paths: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...paths].filter((path) => !isPrimaryPath(path)))
}

function nameOf(metadata: JsonObject): PackageName {
  const text = (field: string) => String(metadata[field] ?? '')
  const [name, arch] = [text('name'), text('arch')]
  return { name, arch, evr: evrText(text('epoch'), text('version'), text('release')) }
}
