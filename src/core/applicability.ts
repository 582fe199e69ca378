import type { Json } from './json.ts'
import type { UnitWithDocuments } from './repository-version.ts'

/**
 * Which units of repositories would do a consumer good, by a profile of what it has installed (pulp2-api §15: applicability). A
 * plugin declares one for the content types whose profiles it understands.
 */
export interface Profiler {
  /** Of the profile: `rpm`. */
  readonly profileType: string
  /** Units that it can find applicable, by content type, with the documents it needs of them. */
  readonly units: Readonly<Record<string, { readonly documents?: readonly string[] }>>
  /** Reads a profile, once; throws kind `invalid` for one that is none. */
  read(profile: Json): InstalledContent
}

/** A profile that was read, to be asked about many units. */
export interface InstalledContent {
  /** Whether a unit applies. */
  applies(unit: UnitWithDocuments): boolean
}
