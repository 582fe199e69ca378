import { sql } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import { keyOf } from '../../core/owned-unit.ts'
import type { UnitName } from '../../core/unit-reader.ts'
import type { Database } from '../connection.ts'
import type { ContentTypeIds } from './content-type-ids.ts'

/** Types and keys of these rows, in their order, without the rest of their metadata; those that are gone are left out. */
export async function readUnitNames(
  database: Database,
  types: ContentTypeIds,
  ids: readonly number[],
): Promise<readonly UnitName[]> {
  const { rows } = await sql<{ id: number; type: number; fields: JsonObject }>`
    SELECT id, type, (
      SELECT jsonb_object_agg(field, unit.metadata -> field) FROM unnest(${keyFields(types)}::text[]) AS field
      WHERE unit.metadata ? field) AS fields
    FROM unit WHERE id = ANY (${ids}::bigint[])`.execute(database)
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    if (row === undefined) return []
    const type = types.name(row.type)
    const declared = types.declared(type)
    return { type, key: declared === undefined ? {} : keyOf(declared, row.fields ?? {}) }
  })
}

/** Of all types: a row is asked for a few more than its own. */
function keyFields(types: ContentTypeIds): readonly string[] {
  return [...new Set(types.names.flatMap((name) => types.declared(name)?.keyFields ?? []))]
}
