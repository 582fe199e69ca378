import { sql, type Transaction } from 'kysely'
import type { Measured } from '../../core/digest.ts'
import type { Database } from '../connection.ts'
import { deadlockDetected, sqlState, uniqueViolation } from '../postgres-errors.ts'
import type { Schema } from '../schema.ts'
import { saveBlobs } from '../space/save-blobs.ts'

/** A race with a sync that saves the same file can be lost once; twice only against another one. */
const attempts = 5

/**
 * Records the bytes of a file that were fetched, and frees the lease. Locks in the order in which all writers do (blob, file,
 * checksums, files of units, sources); what is left of a race makes another attempt, which sees what the other one did.
 */
export async function completeFile(database: Database, file: number, holder: string, blob: Measured): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction().execute((transaction) => complete(transaction, file, holder, blob))
    } catch (error) {
      if (error instanceof NoSuchFile) return
      if (attempt === attempts || !isLostRace(error)) throw error
    }
  }
}

/** Takes back what was written: nothing would refer to the bytes. */
class NoSuchFile extends Error {}

function isLostRace(error: unknown): boolean {
  const state = sqlState(error)
  return state === uniqueViolation || state === deadlockDetected
}

async function complete(transaction: Transaction<Schema>, file: number, holder: string, blob: Measured): Promise<void> {
  await saveBlobs(transaction, [blob])
  const sha256 = await lockFile(transaction, file)
  if (sha256 !== null && sha256 !== blob.sha256) throw new Error(`file ${file} is ${sha256}, not ${blob.sha256}`)
  const twin = sha256 === null ? await findBySha256(transaction, blob.sha256) : undefined
  if (twin !== undefined) await mergeInto(transaction, file, twin)
  await transaction
    .updateTable('file')
    .set({ sha256: Buffer.from(blob.sha256, 'hex'), size: blob.size })
    .where('id', '=', twin ?? file)
    .execute()
  await transaction.deleteFrom('fetch_lease').where('file', '=', file).where('holder', '=', holder).execute()
}

/** Its sha256, null when unknown. */
async function lockFile(transaction: Transaction<Schema>, file: number): Promise<string | null> {
  const { rows } = await sql<{ sha256: Buffer | null }>`
    SELECT sha256 FROM file WHERE id = ${file} AND EXISTS (SELECT FROM unit_file WHERE unit_file.file = file.id)
    FOR NO KEY UPDATE`.execute(transaction)
  const [row] = rows
  if (row === undefined) throw new NoSuchFile()
  return row.sha256?.toString('hex') ?? null
}

async function findBySha256(transaction: Transaction<Schema>, sha256: string): Promise<number | undefined> {
  const row = await transaction
    .selectFrom('file')
    .select('id')
    .where('sha256', '=', Buffer.from(sha256, 'hex'))
    .forKeyShare()
    .executeTakeFirst()
  return row?.id
}

/**
 * Two rows turned out to be the same bytes: everything of one moves to the other. The empty row stays until it is collected, since
 * a sync that has found it before may be about to refer to it.
 */
async function mergeInto(transaction: Transaction<Schema>, from: number, into: number): Promise<void> {
  await sql`
    INSERT INTO file_checksum (algorithm, value, file)
    SELECT algorithm, value, ${into} FROM file_checksum WHERE file = ${from} ORDER BY algorithm, value
    ON CONFLICT DO NOTHING`.execute(transaction)
  await transaction.deleteFrom('file_checksum').where('file', '=', from).execute()
  await sql`
    WITH mine AS MATERIALIZED (
      SELECT unit, path FROM unit_file WHERE file = ${from} ORDER BY unit, path FOR UPDATE)
    UPDATE unit_file SET file = ${into} FROM mine
    WHERE unit_file.unit = mine.unit AND unit_file.path = mine.path`.execute(transaction)
  await sql`
    INSERT INTO file_source (file, importer, url, rank)
    SELECT ${into}, importer, url, rank FROM file_source WHERE file = ${from} ORDER BY importer, url
    ON CONFLICT DO NOTHING`.execute(transaction)
  await transaction.deleteFrom('file_source').where('file', '=', from).execute()
}
