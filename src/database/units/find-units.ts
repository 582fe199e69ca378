import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Digest, Measured } from '../../core/digest.ts'
import type { DiscoveredFile } from '../../core/unit.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { bytesArray, plainArray } from './array-literals.ts'
import type { PreparedUnit } from './prepared-unit.ts'

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
  const { rows } = await sql<{ id: number; name: string }>`
    SELECT unit.id, ${nameOfRow} AS name
    FROM unnest(
      ${plainArray(units.map((unit) => unit.type))}::smallint[],
      ${bytesArray(units.map((unit) => unit.keyHash))}::bytea[],
      ${bytesArray(units.map((unit) => unit.revision))}::bytea[]) AS wanted (type, key_hash, revision)
    JOIN unit USING (type, key_hash, revision) ${lock}`.execute(database)
  return new Map(rows.map((row) => [row.name, row.id]))
}

/** What `unitName` makes, of a row of the table. */
export const nameOfRow = sql<string>`concat_ws(':', unit.type, encode(unit.key_hash, 'hex'), encode(unit.revision, 'hex'))`

/** Of units in the catalog: the paths of files that are not stored. */
export async function findMissingPaths(
  database: Database,
  unitIds: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  if (unitIds.length === 0) return new Map()
  const { rows } = await sql<{ unit: number; path: string }>`
    SELECT unit_file.unit, unit_file.path FROM unit_file
    JOIN file ON file.id = unit_file.file LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
    WHERE unit_file.unit = ANY (${plainArray(unitIds)}::bigint[]) AND blob.sha256 IS NULL`.execute(database)
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
  const sha256s = digests.filter(({ algorithm }) => algorithm === 'sha256')
  const others = digests.filter(({ algorithm }) => algorithm !== 'sha256')
  return new Map([...(await storedBySha256(database, sha256s)), ...(await storedByChecksum(database, others))])
}

async function storedBySha256(database: Database, digests: readonly Digest[]): Promise<readonly [string, Measured][]> {
  if (digests.length === 0) return []
  const { rows } = await sql<Measured>`
    SELECT encode(sha256, 'hex') AS sha256, size FROM blob
    WHERE sha256 = ANY (${bytesArray(digests.map(({ value }) => value))}::bytea[]) AND stored_at IS NOT NULL
  `.execute(database)
  return rows.map((blob) => [`sha256:${blob.sha256}`, blob])
}

async function storedByChecksum(
  database: Database,
  digests: readonly Digest[],
): Promise<readonly [string, Measured][]> {
  if (digests.length === 0) return []
  const { rows } = await sql<Digest & Measured>`
    SELECT wanted.algorithm, encode(wanted.value, 'hex') AS value, encode(blob.sha256, 'hex') AS sha256, blob.size
    FROM unnest(
      ${digests.map((digest) => digest.algorithm)}::text[],
      ${bytesArray(digests.map((digest) => digest.value))}::bytea[]) AS wanted (algorithm, value)
    JOIN file_checksum ON (file_checksum.algorithm COLLATE "C", file_checksum.value) = (wanted.algorithm, wanted.value)
    JOIN file ON file.id = file_checksum.file JOIN blob ON blob.sha256 = file.sha256
    WHERE blob.stored_at IS NOT NULL`.execute(database)
  return rows.map(({ algorithm, value, sha256, size }) => [digestName({ algorithm, value }), { sha256, size }])
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
