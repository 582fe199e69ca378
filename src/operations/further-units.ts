import type { CopyQuery, CopyRun } from '../core/copier.ts'
import { DeckleError } from '../core/errors.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { VersionStore } from '../core/repository-version.ts'
import type { SelectedUnits } from '../core/unit-reader.ts'

interface Place {
  readonly repositoryId: string
  readonly version: number
}

/** A copy whose selection has been made in the version `source`. */
export interface CopyBeingMade {
  readonly importer: Importer
  /** The importer's, with the overrides of the copy. */
  readonly config: JsonObject
  readonly source: Place
  readonly target: Place
  readonly selected: SelectedUnits
  readonly signal: AbortSignal
}

/** Row ids of what the importer wants copied along with what was selected, each once. */
export async function* furtherUnits(versions: VersionStore, copy: CopyBeingMade): AsyncGenerator<readonly number[]> {
  const { importer, config, source, target, signal } = copy
  const options = importer.copier?.options(config)
  if (importer.copier === undefined || options === undefined) return
  const selected = new Set<number>()
  for (const page of copy.selected.pages(pageUnits)) for (const id of page) selected.add(id)
  const unitsOf = (place: Place) => (query: CopyQuery) => versions.units({ ...query, ...place })
  const run: CopyRun<unknown> = { options, selected, signal, source: unitsOf(source), target: unitsOf(target) }
  for await (const batch of importer.copier.further(run)) {
    signal.throwIfAborted()
    const fresh = [...new Set(batch)].filter((id) => !selected.has(id))
    for (const id of fresh) selected.add(id)
    if (fresh.length > 0) yield fresh
  }
}

const pageUnits = 2_000

/** Whether all that a version holds can still be read: retention has not taken it. */
export async function isKept(versions: VersionStore, { repositoryId, version }: Place): Promise<boolean> {
  try {
    return !(await versions.get(repositoryId, version)).pruned
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'not-found') return false
    throw error
  }
}
