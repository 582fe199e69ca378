import { sql, type Transaction } from 'kysely'
import type { Measured } from '../../core/digest.ts'
import type { DiscoveredFile } from '../../core/unit.ts'
import type { Schema } from '../schema.ts'
import { bytesArray, plainArray } from './array-literals.ts'

/** A file of a unit that is about to be saved, with its bytes if they are known. */
export interface FileToSave {
  readonly file: DiscoveredFile
  readonly stored: Measured | undefined
  /** The row that its unit has for it, where there is nothing else to know it by. */
  readonly row: number | undefined
}

/** The files' rows. */
export interface SavedFiles {
  /** One for each file, in order. */
  readonly ids: readonly number[]
  /** Those that this transaction has made: nobody else knows of them. */
  readonly made: ReadonlySet<number>
}

/** Makes the rows that are missing. */
export async function saveFiles(transaction: Transaction<Schema>, files: readonly FileToSave[]): Promise<SavedFiles> {
  const { ids: known, made } = await saveFilesBySha256(transaction, files)
  const ids: number[] = []
  for (const entry of files) {
    const sha256 = sha256Of(entry)
    const id = sha256 === undefined ? await fileWithoutSha256(transaction, entry) : known.get(sha256)
    if (id === undefined) throw new Error(`no row came back for the file ${entry.file.path}`)
    ids.push(id)
  }
  await saveChecksums(transaction, files, ids)
  return { ids, made }
}

async function saveFilesBySha256(
  transaction: Transaction<Schema>,
  files: readonly FileToSave[],
): Promise<{ readonly ids: ReadonlyMap<string, number>; readonly made: ReadonlySet<number> }> {
  const sizes = new Map<string, number | null>()
  for (const entry of files) {
    const sha256 = sha256Of(entry)
    if (sha256 !== undefined) sizes.set(sha256, entry.stored?.size ?? entry.file.size ?? null)
  }
  const ids = new Map<string, number>()
  const made = new Set<number>()
  // A row that was there may be deleted before it is locked; then it is made.
  while (ids.size < sizes.size) {
    const missing = [...sizes.keys()].filter((sha256) => !ids.has(sha256)).sort()
    const inserted = await insert(transaction, missing, sizes)
    for (const { id, sha256 } of inserted) {
      ids.set(sha256, id)
      made.add(id)
    }
    const others = missing.filter((sha256) => !ids.has(sha256))
    for (const { id, sha256 } of await lock(transaction, others)) ids.set(sha256, id)
  }
  return { ids, made }
}

type Row = { readonly id: number; readonly sha256: string }

/** Returns the rows that were not there. */
async function insert(
  transaction: Transaction<Schema>,
  sha256s: readonly string[],
  sizes: ReadonlyMap<string, number | null>,
): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    INSERT INTO file (sha256, size)
    SELECT * FROM unnest(
      ${bytesArray(sha256s)}::bytea[],
      ${plainArray(sha256s.map((sha256) => sizes.get(sha256) ?? null))}::bigint[])
    ON CONFLICT (sha256) WHERE sha256 IS NOT NULL DO NOTHING
    RETURNING id, encode(sha256, 'hex') AS sha256`.execute(transaction)
  return rows
}

async function lock(transaction: Transaction<Schema>, sha256s: readonly string[]): Promise<readonly Row[]> {
  if (sha256s.length === 0) return []
  const { rows } = await sql<Row>`
    SELECT id, encode(sha256, 'hex') AS sha256 FROM file
    WHERE sha256 = ANY (${bytesArray(sha256s)}::bytea[]) FOR KEY SHARE`.execute(transaction)
  return rows
}

/** A file that upstream describes by other checksums only, or not at all, and that was not fetched yet. */
async function fileWithoutSha256(transaction: Transaction<Schema>, { file, row: own }: FileToSave): Promise<number> {
  if (own !== undefined) return own
  const [digest] = file.digests
  if (digest !== undefined) {
    const row = await transaction
      .selectFrom('file_checksum')
      .innerJoin('file', 'file.id', 'file_checksum.file')
      .select('file.id')
      .where('algorithm', '=', digest.algorithm)
      .where('value', '=', Buffer.from(digest.value, 'hex'))
      .forKeyShare('file')
      .executeTakeFirst()
    if (row !== undefined) return row.id
  }
  const inserted = await transaction
    .insertInto('file')
    .values({ sha256: null, size: file.size ?? null })
    .returning('id')
    .executeTakeFirstOrThrow()
  return inserted.id
}

async function saveChecksums(
  transaction: Transaction<Schema>,
  files: readonly FileToSave[],
  ids: readonly number[],
): Promise<void> {
  const rows = files.flatMap(({ file }, index) =>
    file.digests
      .filter((digest) => digest.algorithm !== 'sha256')
      .map((digest) => ({
        algorithm: digest.algorithm,
        value: Buffer.from(digest.value, 'hex'),
        file: ids[index] as number,
      })),
  )
  if (rows.length === 0) return
  await sql`
    INSERT INTO file_checksum (algorithm, value, file)
    SELECT algorithm, value, file FROM unnest(
      ${rows.map((row) => row.algorithm)}::text[],
      ${rows.map((row) => row.value)}::bytea[],
      ${rows.map((row) => row.file)}::bigint[]) AS fresh (algorithm, value, file)
    GROUP BY algorithm, value, file ORDER BY algorithm COLLATE "C", value, file
    ON CONFLICT DO NOTHING`.execute(transaction)
}

function sha256Of(entry: FileToSave): string | undefined {
  return entry.stored?.sha256 ?? entry.file.digests.find((digest) => digest.algorithm === 'sha256')?.value
}
