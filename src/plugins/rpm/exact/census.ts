import { sha256Hex } from '../../../core/digest.ts'
import type { SyncEvent } from '../../../core/importer.ts'
import type { JsonObject } from '../../../core/json.ts'
import { ownerField } from '../../../core/owned-unit.ts'
import { type FoundUnit, unitKeyHash, unitWireId } from '../../../core/unit.ts'
import { deltaPath, deltaType } from '../delta/delta-unit.ts'
import { rpmType, srpmType } from '../rpm-types.ts'

/** What a repository holds, or what its upstream described. */
export interface Census {
  /** Units by type. */
  readonly counts: Readonly<Record<string, number>>
  /** One text for one set of units, whatever repository holds them. */
  readonly content: string
  /** Packages that upstream's metadata names and that cannot be served where it says. */
  readonly unserved: number
}

const packageTypes = [rpmType.id, srpmType.id]
const filesOfPackages = [...packageTypes, deltaType.id]

/** Counts units by their keys. 50,000 of them take 5 MB. */
export class CensusTaker {
  readonly #ids = new Map<string, Set<string>>()
  #unserved = 0

  /** Who owns the unit is no part of what is counted: copies are the same. */
  add(type: string, key: JsonObject): void {
    const { [ownerField]: _, ...own } = key
    this.addId(type, unitWireId(unitKeyHash(type, own)))
  }

  /** Of a unit that no repository owns: its wire id says the same. */
  addId(type: string, id: string): void {
    const known = this.#ids.get(type)
    if (known === undefined) this.#ids.set(type, new Set([id]))
    else known.add(id)
  }

  /** Passes on what a sync has found, and counts it. */
  async *watch(events: AsyncIterable<SyncEvent>, repository: URL): AsyncGenerator<SyncEvent> {
    for await (const event of events) {
      if ('units' in event) for (const unit of event.units) this.#found(unit, repository)
      if ('problem' in event && filesOfPackages.includes(event.problem.type)) this.#unserved += 1
      yield event
    }
  }

  /** `listed`: packages that upstream's metadata says to list. One that is lost among them, such as a second build, is not served. */
  result(listed = 0): Census {
    const types = [...this.#ids].sort(([one], [other]) => (one < other ? -1 : 1))
    const lists = types.map(([type, ids]) => `${type} ${[...ids].sort().join(' ')}`)
    const counts = Object.fromEntries(types.map(([type, ids]) => [type, ids.size]))
    const packages = packageTypes.reduce((sum, type) => sum + (counts[type] ?? 0), 0)
    const unserved = Math.max(this.#unserved, listed - packages)
    return { counts, content: sha256Hex(lists.join('\n')), unserved }
  }

  #found(unit: FoundUnit, repository: URL): void {
    this.add(unit.type, unit.key)
    if (filesOfPackages.includes(unit.type) && !isServed(unit, repository)) this.#unserved += 1
  }
}

/** Whether the exact layout shows the file where upstream's metadata says: below any folder. */
function isServed({ type, files: [file] }: FoundUnit, repository: URL): boolean {
  const url = file?.urls[0]
  if (file === undefined || url === undefined || !url.startsWith(repository.href)) return false
  const path = decoded(url.slice(repository.href.length))
  const name = path?.slice(path.lastIndexOf('/') + 1) ?? ''
  if (type === deltaType.id) return deltaPath(name) === file.path && name.endsWith('.drpm')
  return name === file.path && name.endsWith('.rpm')
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
