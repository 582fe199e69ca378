import type { Json } from './json.ts'
import type { UnitWithDocuments } from './repository-version.ts'
import type { Fence } from './task.ts'

/**
 * Which units of repositories would do consumers good, by profiles of what they have installed (pulp2-api §15: applicability). A
 * plugin declares one for a type of profiles that it understands.
 */
export interface Profiler {
  /** Content type of the profiles: `rpm`. */
  readonly profileType: string
  /** Units that it can find applicable, by content type, and what it looks at. */
  readonly units: Readonly<Record<string, LookedAt>>
  /**
   * Reads the profiles of several consumers, so that each unit is looked at once for all of them. They come from clients: what is no
   * entry of a profile says nothing, for it must not keep the others from theirs.
   */
  read(profiles: readonly Json[]): InstalledContent
}

export interface LookedAt {
  /** Members of the metadata; a unit comes with no others. */
  readonly fields: readonly string[]
  readonly documents?: readonly string[]
}

/** Profiles that were read, to be asked about many units. */
export interface InstalledContent {
  /** The profiles that a unit applies to, by their places in what was read, each once. */
  applicableTo(unit: UnitWithDocuments): Iterable<number>
}

/** Equal profiles of one type: what applies to one applies to all. */
export interface SharedProfile {
  /** As in `Profile`. */
  readonly hash: string
  readonly profile: Json
}

/** What applies to a profile in one version of a repository. */
export interface Applicability {
  readonly profileHash: string
  /** Wire ids of units by content type, also of types of which none applies. */
  readonly units: Readonly<Record<string, readonly string[]>>
}

/** Where what applies was looked for, and by which profiler. */
export interface ApplicabilityScope {
  readonly repositoryId: string
  readonly version: number
  readonly profileType: string
}

/** Consumers with one and the same applicability: they have equal profiles and are bound to the same repositories. */
export interface ApplicabilityReport {
  /** In order of id. */
  readonly consumerIds: readonly string[]
  readonly units: Applicability['units']
}

/**
 * What was last found applicable, for each profile and each repository that one of its consumers is bound to. It is made anew when
 * somebody asks for that, not when content or profiles change (pulp2-api §15).
 */
export interface ApplicabilityStore {
  /** The repositories that some consumers are bound to, in order of id. */
  repositoriesOf(consumerIds: readonly string[]): Promise<readonly string[]>
  /** Hashes of the profiles of all consumers that are bound to a repository, or of some of these; in order. */
  profilesOf(repositoryId: string, profileType: string, consumerIds?: readonly string[]): Promise<readonly string[]>
  /** Those that a consumer still has. */
  read(profileType: string, hashes: readonly string[]): Promise<readonly SharedProfile[]>
  /**
   * Puts what was found in the place of what was found before, in one transaction; what is known of a later version stays. A
   * repository that is gone is passed over.
   */
  replace(scope: ApplicabilityScope, found: readonly Applicability[], fence?: Fence): Promise<void>
  /** Of those of some consumers for whom anything was looked for, each in one report; by their first consumers. */
  reports(consumerIds: readonly string[], contentTypes?: readonly string[]): AsyncIterable<ApplicabilityReport>
  /** Deletes what no consumer can get any more, for it has changed or is bound no longer: up to `limit`. Returns how many. */
  forget(limit: number): Promise<number>
}
