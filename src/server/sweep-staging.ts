import { RunSpool } from '../blobs/spool.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { Log } from '../core/log.ts'
import { spoolFolder } from './compose.ts'
import type { Config } from './config.ts'

/** How long another machine may take for one transfer. */
const longTransferMs = 24 * 3600 * 1000

/**
 * Removes what processes that died have left half-received. Of processes of other machines, or of this one before it was started
 * anew, only the age is known; with the embedded database there are no others.
 */
export async function sweepStaging(config: Config, blobs: BlobStore, log: Log): Promise<void> {
  const before = new Date(config.databaseUrl === undefined ? Date.now() : Date.now() - longTransferMs)
  const removed = (await blobs.sweepStaging(before)) + (await RunSpool.sweep(spoolFolder(config), before))
  if (removed > 0) log.info('temporary files of dead processes were removed', { files: removed })
}
