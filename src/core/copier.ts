import type { JsonObject } from './json.ts'
import type { UnitQuery, UnitWithDocuments } from './repository-version.ts'

/** Makes copies into the repositories of an importer take more than what was selected: what the selected units need. */
export interface Copier<Options = unknown> {
  /**
   * What the importer's config, with the overrides of the copy, asks for; undefined for nothing but what was selected. Throws kind
   * `invalid`.
   */
  options(config: JsonObject): Options | undefined
  /** Row ids of further units of the source, batch by batch. It may run again from the start. */
  further(run: CopyRun<Options>): AsyncIterable<readonly number[]>
}

export interface CopyRun<Options> {
  readonly options: Options
  /** Row ids of the units of the source that were selected. */
  readonly selected: ReadonlySet<number>
  readonly signal: AbortSignal
  /** The units of the source, in the version that the selection was made in. */
  source(query: CopyQuery): AsyncIterable<UnitWithDocuments>
  /** Those of the target, as they were before the copy. */
  target(query: CopyQuery): AsyncIterable<UnitWithDocuments>
}

export type CopyQuery = Pick<UnitQuery, 'types' | 'fields' | 'documents'>
