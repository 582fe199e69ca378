import type { BlobStore } from '../core/blob-store.ts'
import { type Measured, Verifier } from '../core/digest.ts'
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

async function isRead(
  blobs: Pick<BlobStore, 'read'>,
  { sha256, size }: Measured,
  signal: AbortSignal,
): Promise<boolean> {
  const verifier = new Verifier({ digests: [{ algorithm: 'sha256', value: sha256 }], size })
  try {
    for await (const chunk of await blobs.read(sha256)) {
      signal.throwIfAborted()
      verifier.update(chunk)
    }
    verifier.finish()
    return true
  } catch (error) {
    if (tellsOfDamage(error)) return false
    throw error
  }
}

/** Anything else (too many open files, no right to read) tells nothing of the bytes. */
function tellsOfDamage(error: unknown): boolean {
  if (error instanceof DeckleError)
    return error.kind === 'not-found' || error.details.code?.endsWith('_mismatch') === true
  return error instanceof Error && 'code' in error && error.code === 'EIO'
}
