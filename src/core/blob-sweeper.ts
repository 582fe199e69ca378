/** What one step of sweeping deleted. */
export interface SweptBlobs {
  readonly blobs: number
  readonly bytes: number
  /** Blobs that could not be deleted, and why the first of them could not; they are tried again after another grace. */
  readonly failed: number
  readonly reason?: string
  /** The step was as large as one may be: there may be more to delete. */
  readonly more: boolean
}

/**
 * Deletes blobs that nothing refers to, in two phases: condemned when that is noticed, swept when the grace is over and nothing
 * refers to them still (DESIGN §4, Space). Safe beside syncs, publishes and each other, on any number of machines.
 */
export interface BlobSweeper {
  /**
   * Looks at the next `limit` blobs in order of digest, after the last one starts again with the first. Returns how many of them
   * were condemned. What deletes references condemns by itself; this finds the rest.
   */
  condemnUnreferenced(limit: number): Promise<number>
  /** Looks at the next `limit` files in the same way and drops the rows that no unit has. Returns how many those were. */
  dropUnusedFiles(limit: number): Promise<number>
  /** Deletes up to `limit` blobs that have been condemned for as long as the grace. Undefined while a backup needs all of them. */
  sweep(limit: number): Promise<SweptBlobs | undefined>
}
