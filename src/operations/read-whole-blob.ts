import type { BlobStore } from '../core/blob-store.ts'
import { isMismatch, type Measured, verified } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'

/**
 * Reads a stored blob to its end. False when it is not there, its bytes are wrong, or the disk cannot read them; read twice before
 * that is said, since a disk may fail for a moment.
 */
export async function isWholeBlob(
  blobs: Pick<BlobStore, 'read'>,
  blob: Measured,
  signal: AbortSignal,
): Promise<boolean> {
  return (await isRead(blobs, blob, signal)) || isRead(blobs, blob, signal)
}

async function isRead(blobs: Pick<BlobStore, 'read'>, blob: Measured, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of verified(await blobs.read(blob.sha256), blob)) signal.throwIfAborted()
    return true
  } catch (error) {
    if (tellsOfDamage(error)) return false
    throw error
  }
}

/** Anything else (too many open files, no right to read) tells nothing of the bytes. */
function tellsOfDamage(error: unknown): boolean {
  if (error instanceof DeckleError) return error.kind === 'not-found' || isMismatch(error)
  return error instanceof Error && 'code' in error && error.code === 'EIO'
}
