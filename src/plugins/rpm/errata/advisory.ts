/** Fields of an advisory that are texts, as clients and updateinfo.xml name them; empty when absent (pulp2-types §5.1). */
export const textFields = [
  'title',
  'summary',
  'description',
  'solution',
  'status',
  'type',
  'severity',
  'version',
  'release',
  'rights',
  'pushcount',
  'from',
  'issued',
  'updated',
] as const
type Texts = Readonly<Record<(typeof textFields)[number], string>>

/** What has to be done by hand after an update. */
export const suggestions = ['reboot_suggested', 'relogin_suggested', 'restart_suggested'] as const
export type Suggestions = Readonly<Record<(typeof suggestions)[number], boolean>>

/** An erratum: what is wrong, and which packages mend it. Made of JSON, as documents keep it. */
export interface Advisory extends Texts, Suggestions {
  readonly id: string
  readonly references: readonly Reference[]
  readonly pkglist: readonly Collection[]
}

/** Attributes of its element; null for one that it does not have. */
export interface Reference {
  readonly href: string | null
  readonly id: string | null
  readonly type: string | null
  readonly title: string | null
}

export interface Collection {
  readonly name: string
  readonly short: string
  /** The module that the packages belong to. */
  readonly module?: Module
  readonly packages: readonly AdvisedPackage[]
  /** Whence it came: `R`, synced into that repository, or `upload:R`. */
  readonly origin: string
}

export interface Module {
  readonly name: string
  readonly stream: string
  readonly version: string
  readonly context: string
  readonly arch: string
}

export interface AdvisedPackage extends Suggestions {
  readonly name: string
  /** Null when it was left out, which means 0. */
  readonly epoch: string | null
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly src: string | null
  readonly filename: string
  /** Type, value, type, value …; null for none. */
  readonly sum: readonly string[] | null
}

/** The origin of what a sync of this repository finds. */
export function syncedInto(repositoryId: string): string {
  return repositoryId
}

/** Ids of repositories have no colon. */
export function uploadedTo(repositoryId: string): string {
  return `upload:${repositoryId}`
}
