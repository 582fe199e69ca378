import { sql } from 'kysely'
import type { LeaseAnswer } from '../../core/deferred-file.ts'
import type { Database } from '../connection.ts'

/** From each renewal on. */
const leaseSeconds = 5

/**
 * Tells who fetches a file, and makes `holder` the one if nobody does. Looked at once more after the lease is taken: who had it
 * before may have recorded the bytes between our two statements.
 */
export async function leaseFile(database: Database, file: number, holder: string): Promise<LeaseAnswer> {
  for (;;) {
    const found = await look(database, file)
    if (found === undefined) return { state: 'gone' }
    if (found.blob !== undefined) {
      if (found.holder === holder) await releaseLease(database, file, holder)
      return { state: 'stored', blob: found.blob }
    }
    if (found.holder === holder) return { state: 'taken' }
    if (found.holder !== undefined) return { state: 'held', handle: found.handle }
    await take(database, file, holder)
  }
}

/** False when somebody else has it by now. One that has run out and that nobody wanted goes on. */
export async function renewLease(
  database: Database,
  file: number,
  holder: string,
  handle: string | null,
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE fetch_lease SET handle = ${handle}, until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
    WHERE file = ${file} AND holder = ${holder} RETURNING file`.execute(database)
  return rows.length > 0
}

export async function releaseLease(database: Database, file: number, holder: string): Promise<void> {
  await database.deleteFrom('fetch_lease').where('file', '=', file).where('holder', '=', holder).execute()
}

interface Found {
  readonly blob: { readonly sha256: string; readonly size: number } | undefined
  /** Who has the lease now. */
  readonly holder: string | undefined
  readonly handle: string | null
}

/** Undefined for a file that no unit has (any more). */
async function look(database: Database, file: number): Promise<Found | undefined> {
  const { rows } = await sql<{
    sha256: Buffer | null
    size: number | null
    holder: string | null
    handle: string | null
  }>`
    SELECT blob.sha256, blob.size, fetch_lease.holder, fetch_lease.handle
    FROM file LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
    LEFT JOIN fetch_lease ON fetch_lease.file = file.id AND fetch_lease.until > clock_timestamp()
    WHERE file.id = ${file} AND EXISTS (SELECT FROM unit_file WHERE unit_file.file = file.id)`.execute(database)
  const [row] = rows
  if (row === undefined) return undefined
  const { sha256, size } = row
  const blob = sha256 === null || size === null ? undefined : { sha256: sha256.toString('hex'), size }
  return { blob, holder: row.holder ?? undefined, handle: row.handle }
}

async function take(database: Database, file: number, holder: string): Promise<void> {
  await sql`
    INSERT INTO fetch_lease (file, holder, until)
    SELECT id, ${holder}, clock_timestamp() + make_interval(secs => ${leaseSeconds})
    FROM file WHERE id = ${file} FOR KEY SHARE
    ON CONFLICT (file) DO UPDATE SET holder = excluded.holder, handle = NULL, until = excluded.until
    WHERE fetch_lease.until <= clock_timestamp()`.execute(database)
}
