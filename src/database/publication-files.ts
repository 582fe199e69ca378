import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { NewGeneratedFile } from '../core/publication.ts'
import { decodeRope, encodeRope } from '../core/rope.ts'
import type { Schema } from './schema.ts'

/** Rows of files whose blobs the transaction has saved, and that the publication refers to these. */
export async function insertFiles(
  transaction: Transaction<Schema>,
  publication: number,
  files: readonly NewGeneratedFile[],
): Promise<void> {
  if (files.length === 0) return
  const parts = files.flatMap(({ rope }) => rope)
  await sql`
    WITH referred AS (
      INSERT INTO generated_blob (sha256, publication)
      SELECT DISTINCT sha256, ${publication}::bigint FROM unnest(${parts.map(digest)}::bytea[]) AS part (sha256)
      ON CONFLICT DO NOTHING)
    INSERT INTO generated_file (publication, path, size, sha256, media_type, parts)
    SELECT ${publication}::bigint, file.* FROM unnest(
      ${files.map(({ path }) => path)}::text[], ${files.map(({ size }) => size)}::bigint[], ${files.map(digest)}::bytea[],
      ${files.map(({ mediaType }) => mediaType)}::text[], ${files.map(({ rope }) => encodeRope(rope))}::bytea[]) AS file
  `.execute(transaction)
}

/** Gives a publication the files, with their segments, of another one that is held, but for those at `except`. */
export async function shareFiles(
  transaction: Transaction<Schema>,
  { from, to }: { readonly from: number; readonly to: number },
  except: readonly string[],
): Promise<void> {
  await sql`
    WITH referred AS (
      INSERT INTO generated_blob (sha256, publication)
      SELECT sha256, ${to}::bigint FROM generated_blob WHERE publication = ${from}),
    segmented AS (
      INSERT INTO publication_segments (publication, set, index)
      SELECT ${to}::bigint, set, index FROM publication_segments WHERE publication = ${from})
    INSERT INTO generated_file (publication, path, size, sha256, media_type, parts)
    SELECT ${to}::bigint, path, size, sha256, media_type, parts FROM generated_file
    WHERE publication = ${from} AND path <> ALL (${except}::text[])`.execute(transaction)
}

/** Those of a publication at some paths. */
export async function readFiles(
  database: Kysely<Schema>,
  publication: number,
  paths: readonly string[],
): Promise<readonly NewGeneratedFile[]> {
  const { rows } = await sql<Selectable<Schema['generated_file']>>`
    SELECT * FROM generated_file WHERE publication = ${publication} AND path = ANY (${paths}::text[])`.execute(database)
  return rows.map(toGeneratedFile)
}

function toGeneratedFile(row: Selectable<Schema['generated_file']>): NewGeneratedFile {
  const { path, size, sha256, media_type: mediaType, parts } = row
  return { path, size, sha256: sha256.toString('hex'), mediaType, rope: decodeRope(parts) }
}

function digest({ sha256 }: { readonly sha256: string }): Buffer {
  return Buffer.from(sha256, 'hex')
}
