import { sql, type Transaction } from 'kysely'
import type { Measured } from '../../core/digest.ts'
import { jsonb, type Schema } from '../schema.ts'
import { lockUnits } from './find-units.ts'
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
  if (fresh.length > 0) await insertUnits(transaction, fresh, new Map(units.map(bytesByName)))
  const ids = fresh.length === 0 ? known : await lockUnits(transaction, prepared)
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
): Promise<void> {
  const pack = await savePack(transaction, units)
  const { numAffectedRows } = await sql`
    INSERT INTO unit (type, key_hash, revision, wire_id, metadata, file_bytes, pack, slot)
    SELECT type, key_hash, revision, wire_id, metadata, file_bytes, ${pack}::bigint, CASE WHEN ${pack}::bigint IS NULL THEN NULL ELSE (row - 1)::smallint END
    FROM unnest(
      ${units.map((unit) => unit.type)}::smallint[],
      ${units.map((unit) => unit.keyHash)}::bytea[],
      ${units.map((unit) => unit.revision)}::bytea[],
      ${units.map((unit) => unit.wireId)}::uuid[],
      ${units.map((unit) => jsonb(unit.unit.metadata))}::jsonb[],
      ${units.map((unit) => fileBytes.get(unit.name) ?? 0)}::bigint[])
      WITH ORDINALITY AS fresh (type, key_hash, revision, wire_id, metadata, file_bytes, row)
    ON CONFLICT (type, key_hash, revision) DO NOTHING`.execute(transaction)
  // Somebody else was first with all of them: his pack has their documents.
  if (pack !== null && numAffectedRows === 0n)
    await transaction.deleteFrom('unit_pack').where('id', '=', pack).execute()
}

/** Packs the documents of a batch, slot by slot in its order; undefined when no unit has any. */
async function savePack(transaction: Transaction<Schema>, units: readonly PreparedUnit[]): Promise<number | null> {
  const names = new Set(units.flatMap(({ unit }) => Object.keys(unit.documents ?? {})))
  if (names.size === 0) return null
  const { rows } = await sql<{ id: number }>`SELECT nextval('unit_pack_id') AS id`.execute(transaction)
  const id = rows[0]?.id as number
  for (const document of names) {
    const body = await encodePack(units.map(({ unit }) => unit.documents?.[document] ?? new Uint8Array(0)))
    await transaction.insertInto('unit_pack').values({ id, document, body }).execute()
  }
  return id
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
  const fileIds = await saveFiles(transaction, rows)
  // A file whose digest was unknown gets another row once it was fetched: the unit then points to that one.
  await sql`
    INSERT INTO unit_file (unit, path, file)
    SELECT DISTINCT ON (unit, path) unit, path, file FROM unnest(
      ${rows.map((row) => row.unit)}::bigint[],
      ${rows.map((row) => row.file.path)}::text[],
      ${fileIds}::bigint[]) AS fresh (unit, path, file)
    ON CONFLICT (unit, path) DO UPDATE SET file = excluded.file WHERE unit_file.file <> excluded.file
      AND (SELECT sha256 FROM file WHERE id = excluded.file) IS NOT NULL`.execute(transaction)
  await sources?.save(
    transaction,
    rows.map(({ file }, index) => ({ id: fileIds[index] as number, file })),
  )
}

type FileOfUnit = Omit<FileToSave, 'row'> & { readonly unit: number }

/** A file without any digest is known by the unit that it belongs to only: the row that is there is used again. */
async function withOwnRows(
  transaction: Transaction<Schema>,
  files: readonly FileOfUnit[],
): Promise<readonly (FileToSave & { readonly unit: number })[]> {
  const bare = files.filter(({ file, stored }) => stored === undefined && file.digests.length === 0)
  const own = new Map<string, number>()
  if (bare.length > 0) {
    const { rows } = await sql<{ unit: number; path: string; file: number }>`
      SELECT unit_file.unit, unit_file.path, unit_file.file
      FROM unnest(${bare.map(({ unit }) => unit)}::bigint[], ${bare.map(({ file }) => file.path)}::text[])
        AS wanted (unit, path)
      JOIN unit_file USING (unit, path) JOIN file ON file.id = unit_file.file FOR KEY SHARE OF file`.execute(
      transaction,
    )
    for (const { unit, path, file } of rows) own.set(`${unit} ${path}`, file)
  }
  return files.map((entry) => ({ ...entry, row: own.get(`${entry.unit} ${entry.file.path}`) }))
}
