import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * Deletes those of the file rows that no unit has, with their checksums and sources, and returns their sha256 as far as it is known.
 * Passes over files that somebody holds or fetches; the slow pass comes back for them.
 */
export async function dropUnusedFiles(
  transaction: Transaction<Schema>,
  files: readonly number[],
): Promise<readonly (Buffer | null)[]> {
  if (files.length === 0) return []
  const { rows: locked } = await sql<{ id: number }>`
    SELECT id FROM file WHERE id = ANY (${files}::bigint[])
      AND NOT EXISTS (SELECT FROM unit_file WHERE unit_file.file = file.id) FOR UPDATE SKIP LOCKED`.execute(transaction)
  const ids = locked.map((row) => row.id)
  if (ids.length === 0) return []
  const unused = await stillUnused(transaction, ids)
  await sql`SELECT FROM file_source WHERE file = ANY (${unused}::bigint[]) FOR UPDATE NOWAIT`.execute(transaction)
  const { rows } = await sql<{ sha256: Buffer | null }>`
    DELETE FROM file WHERE id = ANY (${unused}::bigint[]) RETURNING sha256`.execute(transaction)
  return rows.map((row) => row.sha256)
}

/** Asked under the locks, in a statement of its own: who was before us shows, who comes later waits and finds no row. */
async function stillUnused(transaction: Transaction<Schema>, ids: readonly number[]): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM unnest(${ids}::bigint[]) AS file (id)
    WHERE NOT EXISTS (SELECT FROM unit_file WHERE unit_file.file = file.id)
      AND NOT EXISTS (SELECT FROM fetch_lease WHERE fetch_lease.file = file.id)`.execute(transaction)
  return rows.map((row) => row.id)
}
