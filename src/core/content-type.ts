import type { JsonObject } from './json.ts'

/**
 * A kind of content, as data. The core knows units only through this.
 *
 * `id` is the name on the wire (`rpm`, `iso`). `keyFields` make a unit's identity and are members of its metadata, scalars.
 * `documents` names the bulk texts that are kept beside the metadata (design-notes §1.2).
 */
export interface ContentType {
  readonly id: string
  readonly displayName: string
  readonly description: string
  readonly keyFields: readonly string[]
  /** Metadata fields that clients search by, as `GET /plugins/types/` shows them. */
  readonly searchIndexes: readonly (string | readonly string[])[]
  /**
   * Those of them that pick a few units out of very many: the database keeps an index for each, which costs 1 to 6 µs a unit. They
   * hold scalars in every type that has a field of this name. Default: the first field of the key.
   */
  readonly lookupFields?: readonly string[]
  readonly referencedTypes: readonly string[]
  readonly hasFiles: boolean
  readonly documents: readonly string[]
  /**
   * Fields of which a repository holds each combination once, beyond the key: a rebuilt package has another checksum and
   * the same name and version. What a run has seen upstream wins over what it has not, then the younger unit.
   */
  readonly uniqueIn?: readonly string[]
  /**
   * Units belong to the repository that holds them. The core puts its id as `repo_id`, one of the `keyFields`, into key and
   * metadata, where importers leave it out; a copy is a unit of its own (pulp2-types §5.6).
   */
  readonly scope?: 'repository'
  /** Fields on the wire that are computed from the documents when a client asks: name → function of them. */
  readonly derivedFields?: Readonly<Record<string, (documents: UnitDocuments, metadata: JsonObject) => unknown>>
}

/** Bulk texts of one unit by name. */
export type UnitDocuments = Readonly<Record<string, Uint8Array>>
