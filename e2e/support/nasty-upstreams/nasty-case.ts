import type { NastyUpstream } from './nasty-upstream.ts'

/** One way in which an upstream is bad, and what has to come of a sync with it. */
export interface NastyCase {
  /** `an upstream that …`. */
  readonly name: string
  /** Spoils an upstream that was mirrored well and has a new package since. */
  spoil(upstream: NastyUpstream): void
  readonly outcome: Failure | Success
}

/** The run ends in an error, and what was published before stays as it is. */
export interface Failure {
  readonly code: 'RPM1001' | 'RPM1004' | 'RPM1006' | 'RPM1015'
  readonly message: RegExp
}

/** All packages are mirrored but for those that are named. */
export interface Success {
  /** Names in `error_details` and their codes. */
  readonly problems?: Readonly<Record<string, string>>
  /** Names of packages that are not published. */
  readonly without?: readonly string[]
  /** Units by type. */
  readonly counts?: Readonly<Record<string, number>>
  /** The error of the part that is about the kickstart tree. */
  readonly tree?: RegExp
  /** Whatever else has to be so; called with the address of what is published. */
  check?(upstream: NastyUpstream, url: string): void | Promise<void>
}

export function isFailure(outcome: Failure | Success): outcome is Failure {
  return 'code' in outcome
}
