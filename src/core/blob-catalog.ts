import type { Measured } from './digest.ts'

/**
 * Which blobs there are. Bytes are written between two transactions: `reserve` first, so that nobody deletes them meanwhile,
 * and last the one that refers to them and calls them stored. A reservation holds for an hour.
 */
export interface BlobCatalog {
  /** Takes back any mark for deletion. Waits while one of them is being deleted at this moment. */
  reserve(blobs: readonly Measured[]): Promise<void>
}
