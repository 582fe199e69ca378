import type { Names } from '../names.ts'
import { NumberList } from './number-list.ts'
import type { Capability } from './rich-dependency.ts'

/** What packages provide or require, one package after the other: sixteen bytes each, and the names. */
export class CapabilityList {
  readonly #names: Names
  readonly #owners = new NumberList()
  readonly #name = new NumberList()
  readonly #sense = new NumberList()
  readonly #evr = new NumberList()
  #byName: EntriesByName | undefined

  constructor(names: Names) {
    this.#names = names
  }

  get length(): number {
    return this.#owners.length
  }

  add(owner: number, { name, sense, evr }: Capability): void {
    this.#owners.push(owner)
    this.#name.push(this.#names.add(name))
    this.#sense.push(sense)
    this.#evr.push(sense === 0 ? 0 : this.#names.add(evr))
    this.#byName = undefined
  }

  owner(entry: number): number {
    return this.#owners.at(entry)
  }

  at(entry: number): Capability {
    const name = this.#names.text(this.#name.at(entry))
    return { name, sense: this.#sense.at(entry), evr: this.#names.text(this.#evr.at(entry)) }
  }

  /** The entries of a name. */
  named(name: string): Uint32Array {
    const number = this.#names.find(name)
    this.#byName ??= entriesByName(this.#name, this.#names.length)
    if (number === undefined) return none
    return this.#byName.entries.subarray(this.#byName.starts[number], this.#byName.starts[number + 1])
  }
}

const none = new Uint32Array()

/** Entries in the order of the numbers of their names, and where those of each begin. */
interface EntriesByName {
  readonly starts: Uint32Array
  readonly entries: Uint32Array
}

function entriesByName(names: NumberList, count: number): EntriesByName {
  const starts = new Uint32Array(count + 2)
  const each = (visit: (name: number, entry: number) => void) => {
    for (let entry = 0; entry < names.length; entry += 1) visit(names.at(entry), entry)
  }
  each((name) => {
    starts[name + 2] = (starts[name + 2] ?? 0) + 1
  })
  for (let name = 2; name < starts.length; name += 1) starts[name] = (starts[name] ?? 0) + (starts[name - 1] ?? 0)
  const entries = new Uint32Array(names.length)
  each((name, entry) => {
    const at = starts[name + 1] ?? 0
    entries[at] = entry
    starts[name + 1] = at + 1
  })
  return { starts, entries }
}
