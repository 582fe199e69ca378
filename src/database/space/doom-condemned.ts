import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { unneeded, unreserved } from './blob-conditions.ts'
import { trySweepLock } from './sweep-lock.ts'

export interface DoomedBlobs {
  readonly digests: readonly Buffer[]
  /** Rows that were looked at, those that were spared included. */
  readonly examined: number
}

/**
 * Takes condemned blobs whose grace is over off the shelves: from the commit on nobody shares them. Those that something refers to
 * after all are pardoned. Undefined when blobs may not be deleted now.
 */
export async function doomCondemned(
  transaction: Transaction<Schema>,
  graceSeconds: number,
  limit: number,
): Promise<DoomedBlobs | undefined> {
  if (!(await trySweepLock(transaction))) return undefined
  const locked = await lockCondemned(transaction, graceSeconds, limit)
  // A statement of its own: it sees what was committed until the locks were there, the one before does not.
  const digests = await judge(transaction, locked)
  return { digests, examined: locked.length }
}

async function lockCondemned(
  transaction: Transaction<Schema>,
  graceSeconds: number,
  limit: number,
): Promise<readonly Buffer[]> {
  const { rows } = await sql<{ sha256: Buffer }>`
    SELECT sha256 FROM blob
    WHERE condemned_at <= clock_timestamp() - make_interval(secs => ${graceSeconds})
    ORDER BY condemned_at, sha256 LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(transaction)
  return rows.map((row) => row.sha256)
}

/** Pardons what is needed and returns the rest, which is not stored from now on. */
async function judge(transaction: Transaction<Schema>, locked: readonly Buffer[]): Promise<readonly Buffer[]> {
  if (locked.length === 0) return []
  const { rows } = await sql<{ sha256: Buffer; doomed: boolean }>`
    UPDATE blob SET
      stored_at = CASE WHEN verdict.doomed THEN NULL ELSE stored_at END,
      condemned_at = CASE WHEN verdict.doomed THEN condemned_at END
    FROM (
      SELECT sha256, ${unreserved} AND ${unneeded} AS doomed FROM blob WHERE sha256 = ANY (${locked}::bytea[])
    ) AS verdict
    WHERE blob.sha256 = verdict.sha256
    RETURNING blob.sha256, verdict.doomed`.execute(transaction)
  return rows.filter((row) => row.doomed).map((row) => row.sha256)
}
