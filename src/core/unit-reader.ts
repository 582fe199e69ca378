import type { UnitDocuments } from './content-type.ts'
import type { Criteria, Filter, SortKey } from './criteria.ts'
import type { Json, JsonObject } from './json.ts'

/** A unit as its readers see it: one revision of a key, with what is known of it beside its metadata. */
export interface UnitView {
  /** Row id of the revision. */
  readonly id: number
  readonly type: string
  /** The `_id` of the wire. */
  readonly wireId: string
  readonly metadata: JsonObject
  readonly updated: Date
  /** What users wrote on it (`UnitReader.setUserMetadata`); `{}` until somebody did. */
  readonly userMetadata: Json
  /** Of types with files only. */
  readonly storage?: UnitStorage
  /** Those that were asked for. */
  readonly documents: UnitDocuments
  /** Ids of the repositories that hold any revision of it, in order of id; if they were asked for. */
  readonly repositories?: readonly string[]
}

export interface UnitStorage {
  /** All files are stored. */
  readonly downloaded: boolean
  /** A relative path that names the unit as its clients know it from Pulp: nothing need lie there. */
  readonly path: string
}

/** What to bring along. */
export interface UnitParts {
  /** Names of documents. */
  readonly documents?: readonly string[]
  readonly repositories?: boolean
}

/** A unit in a repository. */
export interface UnitAssociation {
  readonly repositoryId: string
  readonly unit: UnitView
  /** When this revision came in, and when it was last said to be in. */
  readonly created: Date
  readonly updated: Date
}

/** Row ids of units in an order, eight bytes each. */
export interface SelectedUnits {
  readonly length: number
  /** At most `size` at a time. */
  pages(size: number): Iterable<readonly number[]>
}

/** By what clients know a unit. */
export interface UnitName {
  readonly type: string
  readonly key: JsonObject
}

/** Which units of a repository, in the order that is asked for: by association, type, unit, and `_id` at last (pulp2-api §4.2). */
export interface AssociationCriteria {
  /** All types when absent. */
  readonly types?: readonly string[]
  readonly unit: Filter
  /** Over `created`, `updated`, `unit_id`, `unit_type_id` and `repo_id`. */
  readonly association: Filter
  readonly unitSort: readonly SortKey[]
  readonly associationSort: readonly SortKey[]
  readonly limit?: number
  /** Of the whole order, as `limit` is. */
  readonly skip: number
}

/**
 * Reads the catalog. A key with several revisions is one unit: across repositories its newest revision counts, in a repository the
 * one that is there. Everything streams; a reader that stops holds nothing but a few bytes a unit. Fields are named as the API
 * prints them; `_last_updated` is searched as seconds since 1970, derived fields are not searched. What a search cannot do, or not in
 * time, is kind `invalid`, code `bad-criteria`. A type that nobody declares has no units.
 */
export interface UnitReader {
  /** In no order that is promised. */
  list(type: string, parts: UnitParts): AsyncIterable<UnitView>
  search(type: string, criteria: Criteria, parts: UnitParts): AsyncIterable<UnitView>
  get(type: string, wireId: string, parts: UnitParts): Promise<UnitView | undefined>
  /** In the latest version. Throws kind `not-found` for the repository. */
  associations(repositoryId: string, criteria: AssociationCriteria, parts: UnitParts): AsyncIterable<UnitAssociation>
  /** What `associations` finds, as it is at this moment, for actions on it. */
  select(repositoryId: string, criteria: AssociationCriteria): Promise<SelectedUnits>
  /** Of rows, in their order; those that have been deleted are left out. */
  names(ids: readonly number[]): Promise<readonly UnitName[]>
  /** It belongs to the key and survives revisions. False when there is no such unit. */
  setUserMetadata(type: string, wireId: string, value: Json): Promise<boolean>
}
