import { Names } from '../names.ts'
import type { Evr } from '../rpm-version.ts'
import { CapabilityList } from './capability-list.ts'
import { NumberList } from './number-list.ts'
import { entriesIn, filesIn } from './package-entries.ts'
import { type Capability, capabilitiesOf, type Dependency, parseRichDependency } from './rich-dependency.ts'
import { overlap, parseEvr, senses, type VersionRange } from './version-range.ts'

/** What identifies a package among others. */
export interface PackageName {
  readonly name: string
  readonly arch: string
  /** `epoch:version-release`. */
  readonly evr: string
}

/**
 * The packages of repositories, one after the other, numbered as they come: what they provide, the files that primary lists as well, and
 * what they require. The figure of its memory is in docs/decisions/copies.md.
 */
export class PackageIndex {
  readonly #names: Names
  readonly #ids: number[] = []
  /** Of each repository, by row id. */
  readonly #numbers: Map<number, number>[] = []
  /** Of each repository its first package. */
  readonly #starts: number[] = []
  readonly #name = new NumberList()
  readonly #arch = new NumberList()
  readonly #evr = new NumberList()
  readonly #provides: CapabilityList
  readonly #requires: CapabilityList
  /** Of each package its first requirement. */
  readonly #firstRequirement = new NumberList()
  readonly #evrs = new Map<string, Evr>()
  readonly #rich = new Map<string, Dependency | undefined>()
  readonly #askers: PackageIndex | undefined

  /** With `askers`, which are complete, only what these know by name is kept, in the same table, and no requirements. */
  constructor(askers?: PackageIndex) {
    this.#askers = askers
    this.#names = askers === undefined ? new Names() : askers.#names
    this.#provides = new CapabilityList(this.#names)
    this.#requires = new CapabilityList(this.#names)
  }

  get length(): number {
    return this.#ids.length
  }

  /** What is added next is of another repository; they are counted from 0. */
  nextRepository(): void {
    this.#numbers.push(new Map())
    this.#starts.push(this.length)
  }

  /** Takes a package, `id` the row of its unit, with its element in primary; its number. */
  add(id: number, { name, arch, evr }: PackageName, primary: Uint8Array): number {
    const number = this.#ids.push(id) - 1
    this.#numbers.at(-1)?.set(id, number)
    this.#name.push(this.#names.add(name))
    this.#arch.push(this.#names.add(arch))
    this.#evr.push(this.#names.add(evr))
    this.#firstRequirement.push(this.#requires.length)
    const text = Buffer.from(primary.buffer, primary.byteOffset, primary.length).toString('latin1')
    this.#addProvided(number, { name, sense: senses['EQ'] ?? 0, evr })
    for (const provided of entriesIn(text, 'provides')) this.#addProvided(number, provided)
    for (const path of filesIn(text)) this.#addFile(number, path)
    if (this.#askers === undefined)
      for (const required of entriesIn(text, 'requires')) this.#addRequired(number, required)
    return number
  }

  /** Puts in a file of a package that was taken; its `id` and the number of its repository. */
  addFile(repository: number, id: number, path: string): void {
    const number = this.#numbers[repository]?.get(id)
    if (number !== undefined) this.#addFile(number, path)
  }

  has(repository: number, id: number): boolean {
    return this.#numbers[repository]?.has(id) ?? false
  }

  /** The number of a package's repository. */
  repository(number: number): number {
    return this.#starts.findLastIndex((start) => start <= number)
  }

  get repositories(): number {
    return this.#starts.length
  }

  id(number: number): number {
    return this.#ids[number] ?? 0
  }

  arch(number: number): string {
    return this.#names.text(this.#arch.at(number))
  }

  packageName(number: number): PackageName {
    const [name, evr] = [this.#names.text(this.#name.at(number)), this.#names.text(this.#evr.at(number))]
    return { name, arch: this.arch(number), evr }
  }

  /** Numbers of packages that provide a capability; one may come twice. */
  *providers({ name, sense, evr }: Capability): Generator<number> {
    const wanted = { sense, evr: this.parsed(evr) }
    for (const entry of this.#provides.named(name)) {
      if (sense === 0 || this.#overlaps(entry, wanted)) yield this.#provides.owner(entry)
    }
  }

  #overlaps(entry: number, wanted: VersionRange): boolean {
    const { sense, evr } = this.#provides.at(entry)
    return overlap({ sense, evr: this.parsed(evr) }, wanted)
  }

  *requirements(number: number): Generator<Dependency> {
    const end = number + 1 < this.length ? this.#firstRequirement.at(number + 1) : this.#requires.length
    for (let entry = this.#firstRequirement.at(number); entry < end; entry += 1) {
      const capability = this.#requires.at(entry)
      yield this.#richOf(capability) ?? { kind: 'one', capability }
    }
  }

  /** Paths that these packages require, all of them when absent, and that none provides. */
  missingPaths(numbers: Iterable<number> = this.#ids.keys()): ReadonlySet<string> {
    const missing = new Set<string>()
    for (const number of numbers) {
      for (const required of this.requirements(number)) {
        for (const { name } of capabilitiesOf(required))
          if (name.startsWith('/') && this.#provides.named(name).length === 0) missing.add(name)
      }
    }
    return missing
  }

  /** An `evr` taken apart. */
  parsed(evr: string): Evr {
    const known = this.#evrs.get(evr)
    if (known !== undefined) return known
    const parsed = parseEvr(evr)
    this.#evrs.set(evr, parsed)
    return parsed
  }

  #addFile(number: number, path: string): void {
    this.#addProvided(number, { name: path, sense: 0, evr: '' })
  }

  #addProvided(number: number, provided: Capability): void {
    if (this.#askers === undefined || this.#askers.#knows(provided.name)) this.#provides.add(number, provided)
  }

  #addRequired(number: number, required: Capability): void {
    this.#requires.add(number, required)
    const rich = this.#richOf(required)
    if (rich !== undefined) for (const { name } of capabilitiesOf(rich)) this.#names.add(name)
  }

  #knows(name: string): boolean {
    return this.#names.find(name) !== undefined
  }

  #richOf({ name }: Capability): Dependency | undefined {
    if (!name.startsWith('(')) return undefined
    if (!this.#rich.has(name)) this.#rich.set(name, parseRichDependency(name))
    return this.#rich.get(name)
  }
}
