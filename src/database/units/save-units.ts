import { sql, type Transaction } from 'kysely'
import type { UnitDocuments } from '../../core/content-type.ts'
import type { Measured } from '../../core/digest.ts'
import { canonicalBytes } from '../../core/printed-json.ts'
import type { Schema } from '../schema.ts'
import { bytesArray, jsonbArray, plainArray } from './array-literals.ts'
import { lockUnits, nameOfRow } from './find-units.ts'
import { inWriteOrder, type PreparedUnit } from './prepared-unit.ts'
import { type FileToSave, saveFiles } from './save-files.ts'
import type { SourceRecorder } from './save-sources.ts'
import { encodePack } from './unit-pack.ts'

/** A unit to be saved with the bytes of its files: path → blob. Files that are not there stay to be fetched later. */
export interface UnitToSave {
  readonly prepared: PreparedUnit
  readonly stored: ReadonlyMap<string, Measured>
}

/**
 * Puts a batch (≤ 256) into the catalog and returns the units' ids by name, held until the transaction ends. Units that are
 * there already keep their row; what was fetched for them is recorded all the same. A unit that was deleted at this moment has
 * no id. The blobs have been saved before.
 */
export async function saveUnits(
  transaction: Transaction<Schema>,
  units: readonly UnitToSave[],
  sources: SourceRecorder | undefined,
): Promise<ReadonlyMap<string, number>> {
  const prepared = units.map((unit) => unit.prepared)
  const known = await lockUnits(transaction, prepared)
  const fresh = inWriteOrder(uniqueByName(prepared.filter((unit) => !known.has(unit.name))))
  const made = await insertUnits(transaction, fresh, new Map(units.map(bytesByName)))
  // Nobody sees the rows of this transaction; those that somebody else made first are to be held like the known ones.
  const ids = made.size < fresh.length ? await lockUnits(transaction, prepared) : new Map([...known, ...made])
  const held = units.filter((unit) => ids.has(unit.prepared.name))
  await saveUnitFiles(transaction, held, ids, sources)
  return ids
}

function bytesByName({ prepared, stored }: UnitToSave): [string, number] {
  const sizes = prepared.unit.files.map((file) => stored.get(file.path)?.size ?? file.size ?? 0)
  return [prepared.name, sizes.reduce((sum, size) => sum + size, 0)]
}

function uniqueByName(units: readonly PreparedUnit[]): readonly PreparedUnit[] {
  return [...new Map(units.map((unit) => [unit.name, unit])).values()]
}

async function insertUnits(
  transaction: Transaction<Schema>,
  units: readonly PreparedUnit[],
  fileBytes: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  if (units.length === 0) return new Map()
  const pack = await savePack(transaction, units)
  const { rows } = await sql<{ id: number; name: string }>`
    INSERT INTO unit (type, key_hash, revision, wire_id, file_bytes, metadata, pack, slot)
    SELECT type, key_hash, revision, wire_id, file_bytes, metadata, ${pack}::bigint, CASE WHEN ${pack}::bigint IS NULL THEN NULL ELSE (row - 1)::smallint END
    FROM ROWS FROM (
      unnest(
        ${plainArray(units.map((unit) => unit.type))}::smallint[],
        ${bytesArray(units.map((unit) => unit.keyHash))}::bytea[],
        ${bytesArray(units.map((unit) => unit.revision))}::bytea[],
        ${plainArray(units.map((unit) => unit.wireId))}::uuid[],
        ${plainArray(units.map((unit) => fileBytes.get(unit.name) ?? 0))}::bigint[]),
      jsonb_array_elements(${jsonbArray(units.map(({ metadata, unit }) => metadata ?? canonicalBytes(unit.metadata)))}::jsonb))
      WITH ORDINALITY AS fresh (type, key_hash, revision, wire_id, file_bytes, metadata, row)
    ON CONFLICT (type, key_hash, revision) DO NOTHING RETURNING id, ${nameOfRow} AS name`.execute(transaction)
  // Somebody else was first with all of them: his pack has their documents.
  if (pack !== null && rows.length === 0) await transaction.deleteFrom('unit_pack').where('id', '=', pack).execute()
  return new Map(rows.map((row) => [row.name, row.id]))
}

/** Packs the documents of a batch, slot by slot in its order; undefined when no unit has any. */
async function savePack(transaction: Transaction<Schema>, units: readonly PreparedUnit[]): Promise<number | null> {
  const documents = units.map(({ unit }) => unit.documents ?? {})
  const names = new Set(documents.flatMap((texts) => Object.keys(texts)))
  if (names.size === 0) return null
  const bodies = await Promise.all([...names].map((name) => documentPack(documents, name)))
  const { rows } = await sql<{ id: number }>`
    WITH pack AS MATERIALIZED (SELECT nextval('unit_pack_id') AS id)
    INSERT INTO unit_pack (id, document, body)
    SELECT pack.id, part.document, part.body FROM pack, (VALUES ${sql.join(bodies)}) AS part (document, body)
    RETURNING id`.execute(transaction)
  return rows[0]?.id as number
}

async function documentPack(documents: readonly UnitDocuments[], name: string) {
  const body = await encodePack(documents.map((texts) => texts[name] ?? new Uint8Array(0)))
  return sql`(${name}::text, ${body}::bytea)`
}

async function saveUnitFiles(
  transaction: Transaction<Schema>,
  units: readonly UnitToSave[],
  ids: ReadonlyMap<string, number>,
  sources: SourceRecorder | undefined,
): Promise<void> {
  const rows = await withOwnRows(
    transaction,
    units.flatMap(({ prepared, stored }) =>
      prepared.unit.files.map((file) => ({
        unit: ids.get(prepared.name) as number,
        file,
        stored: stored.get(file.path),
      })),
    ),
  )
  if (rows.length === 0) return
  const { ids: fileIds, made } = await saveFiles(transaction, rows)
  // A file whose digest was unknown gets another row once it was fetched: the unit then points to that one.
  await sql`
    INSERT INTO unit_file (unit, path, file)
    SELECT DISTINCT ON (unit, path) unit, path, file FROM unnest(
      ${plainArray(rows.map((row) => row.unit))}::bigint[],
      ${rows.map((row) => row.file.path)}::text[],
      ${plainArray(fileIds)}::bigint[]) AS fresh (unit, path, file)
    ON CONFLICT (unit, path) DO UPDATE SET file = excluded.file WHERE unit_file.file <> excluded.file
      AND (SELECT sha256 FROM file WHERE id = excluded.file) IS NOT NULL`.execute(transaction)
  await sources?.save(
    transaction,
    rows.map(({ file }, index) => ({ id: fileIds[index] as number, file })),
    made,
  )
}

type FileOfUnit = Omit<FileToSave, 'row'> & { readonly unit: number }

/** A file without any digest is known by the unit that it belongs to only: the row that is there is used again. */
async function withOwnRows(
  transaction: Transaction<Schema>,
  files: readonly FileOfUnit[],
): Promise<readonly (FileToSave & { readonly unit: number })[]> {
  const bare = files.filter(({ file, stored }) => stored === undefined && file.digests.length === 0)
  if (bare.length === 0) return files.map((entry) => ({ ...entry, row: undefined }))
  const own = new Map<string, number>()
  const { rows } = await sql<{ unit: number; path: string; file: number }>`
    SELECT unit_file.unit, unit_file.path, unit_file.file
    FROM unnest(${plainArray(bare.map(({ unit }) => unit))}::bigint[], ${bare.map(({ file }) => file.path)}::text[])
      AS wanted (unit, path)
    JOIN unit_file USING (unit, path) JOIN file ON file.id = unit_file.file FOR KEY SHARE OF file`.execute(transaction)
  for (const { unit, path, file } of rows) own.set(`${unit} ${path}`, file)
  return files.map((entry) => ({ ...entry, row: own.get(`${entry.unit} ${entry.file.path}`) }))
}
