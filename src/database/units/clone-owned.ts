import { sql, type Transaction } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import { isOwned, keyOf, ownedFields, ownerField } from '../../core/owned-unit.ts'
import { unitKeyHash, unitWireId } from '../../core/unit.ts'
import type { Schema } from '../schema.ts'
import { bytesArray, plainArray } from './array-literals.ts'
import type { ContentTypeIds } from './content-type-ids.ts'

/** A unit as another repository is to own it. */
interface Clone {
  /** Row id of the unit that it is made of. */
  readonly source: number
  readonly keyHash: string
  readonly wireId: string
}

/**
 * Of units that are held, those that another repository owns (`ContentType.scope`): each gets a twin of this repository's, with the
 * same documents, files and revision, held as well. Source row id → row id of the twin.
 */
export async function cloneOwned(
  transaction: Transaction<Schema>,
  types: ContentTypeIds,
  repositoryId: string,
  units: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const twins = new Map<number, number>()
  const clones = await foreignUnits(transaction, types, repositoryId, units)
  // A twin that is there may be deleted before it is held; then it is made.
  while (twins.size < clones.length) {
    const missing = clones.filter(({ source }) => !twins.has(source))
    const made = await insertClones(transaction, repositoryId, missing)
    const held = await lockClones(transaction, missing)
    const fresh = held.filter(({ id }) => made.has(id))
    await shareFiles(transaction, new Map(fresh.map(({ id, source }) => [id, source])))
    for (const { source, id } of held) twins.set(source, id)
  }
  return twins
}

async function foreignUnits(
  transaction: Transaction<Schema>,
  types: ContentTypeIds,
  repositoryId: string,
  units: readonly number[],
): Promise<readonly Clone[]> {
  const owned = types.names.filter((name) => isOwned(types.declared(name))).map((name) => types.id(name))
  if (owned.length === 0) return []
  const { rows } = await sql<{ id: number; type: number; metadata: JsonObject }>`
    SELECT id, type, metadata FROM unit WHERE id = ANY (${plainArray(units)}::bigint[])
      AND type = ANY (${plainArray(owned)}::smallint[]) AND metadata ->> ${ownerField} IS DISTINCT FROM ${repositoryId}
    ORDER BY id`.execute(transaction)
  return rows.map(({ id, type, metadata }) => {
    const declared = types.declared(types.name(type))
    const key = declared === undefined ? {} : ownedFields(declared, repositoryId, keyOf(declared, metadata))
    const keyHash = unitKeyHash(types.name(type), key)
    return { source: id, keyHash, wireId: unitWireId(keyHash) }
  })
}

/** Returns the rows that were not there. */
async function insertClones(
  transaction: Transaction<Schema>,
  repositoryId: string,
  clones: readonly Clone[],
): Promise<ReadonlySet<number>> {
  const owner = JSON.stringify({ [ownerField]: repositoryId })
  const { rows } = await sql<{ id: number }>`
    INSERT INTO unit (type, key_hash, revision, wire_id, file_bytes, metadata, pack, slot)
    SELECT source.type, clone.key_hash, source.revision, clone.wire_id, source.file_bytes,
      source.metadata || ${owner}::jsonb, source.pack, source.slot
    FROM ${wanted(clones)} JOIN unit AS source ON source.id = clone.source
    ORDER BY source.type, clone.key_hash, source.revision
    ON CONFLICT (type, key_hash, revision) DO NOTHING RETURNING id`.execute(transaction)
  return new Set(rows.map((row) => row.id))
}

async function lockClones(transaction: Transaction<Schema>, clones: readonly Clone[]) {
  const { rows } = await sql<{ source: number; id: number }>`
    SELECT clone.source, unit.id FROM ${wanted(clones)} JOIN unit AS source ON source.id = clone.source
    JOIN unit ON unit.type = source.type AND unit.key_hash = clone.key_hash AND unit.revision = source.revision
    ORDER BY unit.id FOR KEY SHARE OF unit`.execute(transaction)
  return rows
}

function wanted(clones: readonly Clone[]) {
  return sql`unnest(
    ${plainArray(clones.map(({ source }) => source))}::bigint[],
    ${bytesArray(clones.map(({ keyHash }) => keyHash))}::bytea[],
    ${plainArray(clones.map(({ wireId }) => wireId))}::uuid[]) AS clone (source, key_hash, wire_id)`
}

/**
 * The files of the sources, by row id of the clone. They are held first: somebody may be moving what is known of one to the row of
 * a twin, from which on a new reference to it would be to an empty row.
 */
async function shareFiles(transaction: Transaction<Schema>, clones: ReadonlyMap<number, number>): Promise<void> {
  const sources = plainArray([...clones.values()])
  await sql`
    SELECT FROM file WHERE id IN (SELECT file FROM unit_file WHERE unit = ANY (${sources}::bigint[]))
    ORDER BY id FOR SHARE`.execute(transaction)
  await sql`
    INSERT INTO unit_file (unit, path, file)
    SELECT fresh.unit, unit_file.path, unit_file.file
    FROM unnest(${plainArray([...clones.keys()])}::bigint[], ${sources}::bigint[]) AS fresh (unit, source)
    JOIN unit_file ON unit_file.unit = fresh.source`.execute(transaction)
}
