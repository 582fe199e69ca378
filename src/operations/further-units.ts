import type { CopyPlace, CopyQuery, CopyRun } from '../core/copier.ts'
import { DeckleError } from '../core/errors.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { VersionName, VersionStore } from '../core/repository-version.ts'
import type { SelectedUnits } from '../core/unit-reader.ts'

/** A source and where what is taken from it goes. */
export interface CopyLeg {
  readonly source: VersionName
  readonly target: VersionName
}

/** A copy whose selection has been made. */
export interface CopyBeingMade<Leg extends CopyLeg = CopyLeg> {
  readonly importer: Importer
  /** The importer's, with the overrides of the copy. */
  readonly config: JsonObject
  /** Its source is the version that the selection was made in. */
  readonly leg: Leg
  readonly additional: readonly Leg[]
  readonly selected: SelectedUnits
  readonly signal: AbortSignal
}

interface FurtherOfLeg<Leg> {
  readonly leg: Leg
  readonly ids: readonly number[]
}

/** Row ids of what the importer wants copied along with what was selected, each once to a target. */
export async function* furtherUnits<Leg extends CopyLeg>(
  versions: VersionStore,
  copy: CopyBeingMade<Leg>,
): AsyncGenerator<FurtherOfLeg<Leg>> {
  const { importer, config, leg, signal } = copy
  const options = importer.copier?.options(config)
  if (importer.copier === undefined || options === undefined) return
  const selected = new Set<number>()
  for (const page of copy.selected.pages(pageUnits)) for (const id of page) selected.add(id)
  const additional = copy.additional.map((one) => ({
    leg: one,
    taken: new Set<number>(),
    place: placeOf(versions, one),
  }))
  const places = additional.map(({ place }) => place)
  const run: CopyRun<unknown> = { ...placeOf(versions, leg), options, selected, signal, additional: places }
  const legs = [{ leg, taken: selected, place: run }, ...additional]
  for await (const { place, ids } of importer.copier.further(run)) {
    signal.throwIfAborted()
    const found = legs.find((one) => one.place === place)
    if (found === undefined) throw new TypeError('a copier named a place that it was not given')
    const fresh = [...new Set(ids)].filter((id) => !found.taken.has(id))
    for (const id of fresh) found.taken.add(id)
    if (fresh.length > 0) yield { leg: found.leg, ids: fresh }
  }
}

const pageUnits = 2_000

function placeOf(versions: VersionStore, { source, target }: CopyLeg): CopyPlace {
  const unitsOf = (version: VersionName) => (query: CopyQuery) => versions.units({ ...query, ...version })
  return { source: unitsOf(source), target: unitsOf(target) }
}

/** Whether all that the sources of a copy held can still be read: retention has not taken it. */
export async function areKept(versions: VersionStore, { leg, additional }: CopyBeingMade): Promise<boolean> {
  for (const { source } of [leg, ...additional]) if (!(await isKept(versions, source))) return false
  return true
}

async function isKept(versions: VersionStore, { repositoryId, version }: VersionName): Promise<boolean> {
  try {
    return !(await versions.get(repositoryId, version)).pruned
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'not-found') return false
    throw error
  }
}
