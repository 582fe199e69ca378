/** What one step of retention took away. */
export interface Retained {
  readonly versions: number
  readonly publications: number
  /** Rows of what was in those versions only. */
  readonly memberships: number
  /** The step was as large as one may be: there is more to take away. */
  readonly more: boolean
}

/**
 * How long versions and publications live. Kept are the newest versions of a repository, and each that a publication names which
 * is live, in grace or being made; and superseded publications for as long as their version (docs/decisions/former-publications.md).
 */
export interface VersionRetention {
  /** Row ids of the repositories where something may go. */
  due(): Promise<readonly number[]>
  /** Takes away what may go in one repository, or a part of it, in one short transaction. Safe beside work on that repository. */
  prune(repository: number): Promise<Retained>
  /** Takes away publications of groups that are out of grace, and drafts of tasks that are over. Returns how many. */
  pruneGroups(): Promise<number>
}

/** Records of the past. Each call deletes the oldest up to `limit`, and returns how many those were. */
export interface OldRecords {
  /** Tasks that ended so long ago, unless something that they belong to is not over. */
  deleteTasks(ageSeconds: number, limit: number): Promise<number>
  deleteHistories(ageSeconds: number, limit: number): Promise<number>
  /** Leases of fetches that died. */
  deleteLeases(limit: number): Promise<number>
}

/** One at a time among all processes of all machines. */
export interface MaintenanceLock {
  /** False at once when another process holds the lock; else true, when `work` is done. */
  hold(work: () => Promise<void>): Promise<boolean>
}
