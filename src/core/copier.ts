import type { JsonObject } from './json.ts'
import type { UnitQuery, UnitWithDocuments } from './repository-version.ts'

/** Makes copies into the repositories of an importer take more than what was selected: what the selected units need. */
export interface Copier<Options = unknown> {
  /**
   * What the importer's config, with the overrides of the copy, asks for; undefined for nothing but what was selected. Throws kind
   * `invalid`.
   */
  options(config: JsonObject): Options | undefined
  /** Where else to look for it. Nowhere when absent. */
  additional?(options: Options): AdditionalSources
  /** Further units, batch by batch. It may run again from the start. */
  further(run: CopyRun<Options>): AsyncIterable<FurtherUnits>
}

export interface AdditionalSources {
  /** The member of the config that names them, for refusals. */
  readonly field: string
  /** Id of a source → that of the repository which gets what is found in it, in the order in which they are looked through. */
  readonly targets: ReadonlyMap<string, string>
}

/** A source and the target of what is taken from it, each in one version. */
export interface CopyPlace {
  /** For the copy's own source it is the version that the selection was made in. */
  source(query: CopyQuery): AsyncIterable<UnitWithDocuments>
  /** As it was before the copy. */
  target(query: CopyQuery): AsyncIterable<UnitWithDocuments>
}

/** Itself the place that the selected units are copied at. */
export interface CopyRun<Options> extends CopyPlace {
  readonly options: Options
  /** Row ids of the units of the source that were selected. */
  readonly selected: ReadonlySet<number>
  /** Where else to look, in order. */
  readonly additional: readonly CopyPlace[]
  readonly signal: AbortSignal
}

/** Row ids of units of the source at a place, for its target. */
export interface FurtherUnits {
  readonly place: CopyPlace
  readonly ids: readonly number[]
}

export type CopyQuery = Pick<UnitQuery, 'types' | 'fields' | 'documents'>
