import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { condemn } from './condemn.ts'
import { dropUnusedFiles } from './drop-files.ts'
import { published, unheld } from './unit-conditions.ts'

export interface DeletedUnits {
  /** Row ids of content types, one for each unit. */
  readonly types: readonly number[]
  readonly packs: readonly number[]
}

const nothing: DeletedUnits = { types: [], packs: [] }

/**
 * Deletes those of the units that are orphans and not published, with everything that only they had. Never waits for anybody else's
 * row, or it could end up in a circle with a sync, a fetch, retention or the removal of a repository: units that are held are
 * passed over, everything else that is held fails with SQLSTATE 55P03, to be tried again from the start.
 *
 * Units are locked first and looked at in a statement of its own: who has put one into a repository shows then, who is about to
 * waits and finds it gone. The versions that had them are locked in between, for the same reason: a publication of one of them
 * shows, or finds it pruned.
 */
export async function deleteUnits(
  transaction: Transaction<Schema>,
  candidates: readonly number[],
  graceSeconds: number,
): Promise<DeletedUnits> {
  const locked = await lockUnits(transaction, candidates, graceSeconds)
  if (locked.length === 0) return nothing
  await sql`SELECT FROM repository_version AS version WHERE ${holds(locked)} FOR UPDATE NOWAIT`.execute(transaction)
  const units = await stillOrphans(transaction, locked, graceSeconds)
  if (units.length === 0) return nothing
  await sql`UPDATE repository_version AS version SET pruned = true WHERE NOT pruned AND ${holds(units)}`.execute(
    transaction,
  )
  await lockDependants(transaction, units)
  const files = await deleteDependants(transaction, units)
  const { rows } = await sql<{ type: number; pack: number | null; wire_id: string }>`
    DELETE FROM unit WHERE id = ANY (${units}::bigint[]) RETURNING type, pack, wire_id`.execute(transaction)
  await deleteUserMetadata(
    transaction,
    rows.map((row) => row.wire_id),
  )
  await deleteFiles(transaction, files)
  const packs = new Set(rows.flatMap((row) => (row.pack === null ? [] : [row.pack])))
  return { types: rows.map((row) => row.type), packs: [...packs] }
}

async function lockUnits(
  transaction: Transaction<Schema>,
  candidates: readonly number[],
  graceSeconds: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM unit WHERE id = ANY (${candidates}::bigint[]) AND ${unheld} AND NOT ${published(graceSeconds)}
    ORDER BY id FOR UPDATE SKIP LOCKED`.execute(transaction)
  return rows.map((row) => row.id)
}

async function stillOrphans(
  transaction: Transaction<Schema>,
  locked: readonly number[],
  graceSeconds: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM unit WHERE id = ANY (${locked}::bigint[]) AND ${unheld} AND NOT ${published(graceSeconds)}
  `.execute(transaction)
  return rows.map((row) => row.id)
}

/** Over a row `version`. */
function holds(units: readonly number[]) {
  return sql<boolean>`EXISTS (
    SELECT FROM membership WHERE membership.unit = ANY (${units}::bigint[]) AND membership.repository = version.repository
      AND membership.added_in <= version.number
      AND (membership.removed_in IS NULL OR membership.removed_in > version.number))`
}

async function lockDependants(transaction: Transaction<Schema>, units: readonly number[]): Promise<void> {
  await sql`SELECT FROM membership WHERE unit = ANY (${units}::bigint[]) FOR UPDATE NOWAIT`.execute(transaction)
  await sql`SELECT FROM unit_file WHERE unit = ANY (${units}::bigint[]) FOR UPDATE NOWAIT`.execute(transaction)
}

/** Returns the files that the units had. */
async function deleteDependants(
  transaction: Transaction<Schema>,
  units: readonly number[],
): Promise<readonly number[]> {
  await sql`DELETE FROM membership WHERE unit = ANY (${units}::bigint[])`.execute(transaction)
  const { rows } = await sql<{ file: number }>`
    DELETE FROM unit_file WHERE unit = ANY (${units}::bigint[]) RETURNING file`.execute(transaction)
  return [...new Set(rows.map((row) => row.file))]
}

/** What users wrote goes with the last revision of a key. */
async function deleteUserMetadata(transaction: Transaction<Schema>, wireIds: readonly string[]): Promise<void> {
  await sql`
    DELETE FROM unit_user_metadata AS note WHERE wire_id = ANY (${wireIds}::uuid[])
      AND NOT EXISTS (SELECT FROM unit WHERE unit.wire_id = note.wire_id)`.execute(transaction)
}

async function deleteFiles(transaction: Transaction<Schema>, files: readonly number[]): Promise<void> {
  const digests = (await dropUnusedFiles(transaction, files)).filter((digest) => digest !== null)
  if (digests.length > 0) await condemn(transaction, sql<boolean>`sha256 = ANY (${digests}::bytea[])`)
}
