import { sql, type Transaction } from 'kysely'
import type { BlobStore } from '../../core/blob-store.ts'
import type { SweptBlobs } from '../../core/blob-sweeper.ts'
import type { Schema } from '../schema.ts'
import { unreserved } from './blob-conditions.ts'
import { trySweepLock } from './sweep-lock.ts'

/**
 * Blobs that are removed side by side. After each such lot the database is asked to forget them: should the connection be lost, and
 * the locks with it, no further bytes are removed.
 */
const lot = 16

interface DoomedBlob {
  readonly sha256: Buffer
  readonly size: number
}

/**
 * Deletes the bytes and rows of blobs that are not stored any more, unless somebody has reserved them meanwhile to write them anew.
 * The locks are held until the bytes are gone. Undefined when blobs may not be deleted now.
 */
export async function deleteDoomed(
  transaction: Transaction<Schema>,
  blobs: Pick<BlobStore, 'remove'>,
  digests: readonly Buffer[],
): Promise<Omit<SweptBlobs, 'more'> | undefined> {
  if (!(await trySweepLock(transaction))) return undefined
  const locked = await lockDoomed(transaction, digests)
  const deleted: DoomedBlob[] = []
  let reason: string | undefined
  for (let start = 0; start < locked.length; start += lot) {
    const next = locked.slice(start, start + lot)
    const results = await Promise.allSettled(next.map((blob) => blobs.remove(blob.sha256.toString('hex'))))
    const gone = next.filter((_, index) => results[index]?.status === 'fulfilled')
    await forget(transaction, gone)
    await postpone(
      transaction,
      next.filter((blob) => !gone.includes(blob)),
    )
    deleted.push(...gone)
    reason ??= results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))[0]
  }
  return {
    blobs: deleted.length,
    bytes: deleted.reduce((sum, blob) => sum + blob.size, 0),
    failed: locked.length - deleted.length,
    ...(reason !== undefined && { reason }),
  }
}

async function lockDoomed(
  transaction: Transaction<Schema>,
  digests: readonly Buffer[],
): Promise<readonly DoomedBlob[]> {
  const { rows } = await sql<DoomedBlob>`
    SELECT sha256, size FROM blob
    WHERE sha256 = ANY (${digests}::bytea[]) AND stored_at IS NULL AND condemned_at IS NOT NULL AND ${unreserved}
    FOR UPDATE SKIP LOCKED`.execute(transaction)
  return rows
}

async function forget(transaction: Transaction<Schema>, gone: readonly DoomedBlob[]): Promise<void> {
  await sql`DELETE FROM blob WHERE sha256 = ANY (${gone.map(digestOf)}::bytea[])`.execute(transaction)
}

/** What could not be removed goes to the end of the queue, so that it does not keep others from their turn. */
async function postpone(transaction: Transaction<Schema>, kept: readonly DoomedBlob[]): Promise<void> {
  if (kept.length === 0) return
  await sql`
    UPDATE blob SET condemned_at = clock_timestamp() WHERE sha256 = ANY (${kept.map(digestOf)}::bytea[])
  `.execute(transaction)
}

function digestOf(blob: DoomedBlob): Buffer {
  return blob.sha256
}
