import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Digest, Measured } from '../../core/digest.ts'
import type { DiscoveredFile } from '../../core/unit.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { type PreparedUnit, unitName } from './prepared-unit.ts'

/** Catalog ids of the units that are there, by their name. */
export async function findUnits(
  database: Database,
  units: readonly PreparedUnit[],
): Promise<ReadonlyMap<string, number>> {
  return readUnits(database, units, sql``)
}

/** The same, held until the transaction ends: nobody deletes them as orphans before a repository holds them. */
export async function lockUnits(
  transaction: Transaction<Schema>,
  units: readonly PreparedUnit[],
): Promise<ReadonlyMap<string, number>> {
  return readUnits(transaction, units, sql`FOR KEY SHARE OF unit`)
}

async function readUnits(
  database: Database,
  units: readonly PreparedUnit[],
  lock: RawBuilder<unknown>,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: number; type: number; key_hash: Buffer; revision: Buffer }>`
    SELECT unit.id, unit.type, unit.key_hash, unit.revision
    FROM unnest(
      ${units.map((unit) => unit.type)}::smallint[],
      ${units.map((unit) => unit.keyHash)}::bytea[],
      ${units.map((unit) => unit.revision)}::bytea[]) AS wanted (type, key_hash, revision)
    JOIN unit USING (type, key_hash, revision) ${lock}`.execute(database)
  return new Map(
    rows.map((row) => [unitName(row.type, row.key_hash.toString('hex'), row.revision.toString('hex')), row.id]),
  )
}

/** Of units in the catalog: the paths of files that are not stored. */
export async function findMissingPaths(
  database: Database,
  unitIds: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const { rows } = await sql<{ unit: number; path: string }>`
    SELECT unit_file.unit, unit_file.path FROM unit_file
    JOIN file ON file.id = unit_file.file LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
    WHERE unit_file.unit = ANY (${unitIds}::bigint[]) AND blob.sha256 IS NULL`.execute(database)
  const paths = new Map<number, Set<string>>()
  for (const row of rows) paths.set(row.unit, (paths.get(row.unit) ?? new Set()).add(row.path))
  return paths
}

/** Blobs that are stored already, by any digest that upstream told: digest text → blob. */
export async function findStored(
  database: Database,
  files: readonly DiscoveredFile[],
): Promise<ReadonlyMap<string, Measured>> {
  const digests = files.flatMap((file) => file.digests)
  const { rows } = await sql<{ algorithm: string; value: Buffer; sha256: Buffer; size: number }>`
    WITH wanted AS (
      SELECT * FROM unnest(
        ${digests.map((digest) => digest.algorithm)}::text[],
        ${digests.map((digest) => Buffer.from(digest.value, 'hex'))}::bytea[]) AS wanted (algorithm, value))
    SELECT wanted.algorithm, wanted.value, blob.sha256, blob.size
    FROM wanted JOIN blob ON wanted.algorithm = 'sha256' AND blob.sha256 = wanted.value
    WHERE blob.stored_at IS NOT NULL
    UNION ALL
    SELECT wanted.algorithm, wanted.value, blob.sha256, blob.size
    FROM wanted JOIN file_checksum ON (file_checksum.algorithm COLLATE "C", file_checksum.value) = (wanted.algorithm, wanted.value)
    JOIN file ON file.id = file_checksum.file JOIN blob ON blob.sha256 = file.sha256
    WHERE blob.stored_at IS NOT NULL`.execute(database)
  return new Map(
    rows.map((row) => [
      `${row.algorithm}:${row.value.toString('hex')}`,
      { sha256: row.sha256.toString('hex'), size: row.size },
    ]),
  )
}

/** The stored blob for a file, if every digest that upstream told and that we know agrees and the size does. */
export function storedFor(file: DiscoveredFile, stored: ReadonlyMap<string, Measured>): Measured | undefined {
  const matches = file.digests.map((digest) => stored.get(digestName(digest)))
  const [first] = matches.filter((match) => match !== undefined)
  if (first === undefined) return undefined
  const agree = matches.every((match) => match === undefined || match.sha256 === first.sha256)
  return agree && (file.size === undefined || file.size === first.size) ? first : undefined
}

function digestName(digest: Digest): string {
  return `${digest.algorithm}:${digest.value}`
}
