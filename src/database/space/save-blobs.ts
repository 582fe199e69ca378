import { sql, type Transaction } from 'kysely'
import type { Measured } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Schema } from '../schema.ts'

type NamedBlob = Pick<Measured, 'sha256'>

/**
 * Calls written blobs stored, and holds written and reused ones until the transaction ends, so that nobody deletes them before
 * the references are there; takes back any mark for deletion. Belongs before all other locks of the transaction.
 *
 * `written` are reserved and their bytes durable; throws kind `conflict` when a reservation has run out. `reused` were found
 * stored a while ago; returns the sha256 of those that are not any more: what was to share them must fetch them.
 */
export async function saveBlobs(
  transaction: Transaction<Schema>,
  written: readonly NamedBlob[],
  reused: readonly NamedBlob[] = [],
): Promise<ReadonlySet<string>> {
  const fresh = new Set(written.map((blob) => blob.sha256))
  const shared = new Set(reused.map((blob) => blob.sha256))
  const rows = await lockBlobs(transaction, [...fresh, ...shared])
  for (const sha256 of fresh) {
    if (rows.get(sha256)?.reserved !== true) throw reservationRanOut(sha256)
  }
  const changed = [...rows].filter(([sha256, row]) => needsChange(row, fresh.has(sha256))).map(([sha256]) => sha256)
  await keep(transaction, changed)
  return new Set([...shared].filter((sha256) => !fresh.has(sha256) && rows.get(sha256)?.stored !== true))
}

interface LockedBlob {
  readonly stored: boolean
  readonly reserved: boolean
  readonly condemned: boolean
}

/** In digest order: two transactions wait for each other at most one way round. */
async function lockBlobs(
  transaction: Transaction<Schema>,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, LockedBlob>> {
  if (sha256s.length === 0) return new Map()
  const { rows } = await sql<LockedBlob & { sha256: Buffer }>`
    SELECT sha256, stored_at IS NOT NULL AS stored, condemned_at IS NOT NULL AS condemned,
      reserved_until IS NOT NULL AND reserved_until > clock_timestamp() AS reserved
    FROM blob WHERE sha256 = ANY (${sha256s.map(bytes)}::bytea[])
    ORDER BY sha256 FOR NO KEY UPDATE`.execute(transaction)
  return new Map(rows.map((row) => [row.sha256.toString('hex'), row]))
}

function needsChange(row: LockedBlob, written: boolean): boolean {
  return written ? row.condemned || !row.stored : row.condemned && row.stored
}

async function keep(transaction: Transaction<Schema>, sha256s: readonly string[]): Promise<void> {
  if (sha256s.length === 0) return
  await sql`
    UPDATE blob SET stored_at = coalesce(stored_at, now()), condemned_at = NULL
    WHERE sha256 = ANY (${sha256s.map(bytes)}::bytea[])`.execute(transaction)
}

function reservationRanOut(sha256: string): DeckleError {
  const message = `the reservation of the blob ${sha256} ran out before it was referred to; run the task again`
  return new DeckleError('conflict', message)
}

function bytes(sha256: string): Buffer {
  return Buffer.from(sha256, 'hex')
}
