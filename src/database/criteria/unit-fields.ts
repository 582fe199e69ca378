import { type RawBuilder, sql } from 'kysely'
import type { Filter, SortKey } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { lookUp } from '../units/lookup-indexes.ts'
import { downloaded, storagePath } from '../units/unit-storage.ts'
import { type FieldMap, jsonField, oneOf, type SearchField, textField } from './searchable.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A column of UUIDs, searched as text. */
export function uuidField(column: RawBuilder<unknown>): SearchField {
  return textField(column, (values) => oneOf(column, values, (text) => (uuid.test(text) ? text : undefined), 'uuid'))
}

/**
 * What of a row `unit` a filter and its order name (pulp2-api §9.1): beside the fields of all units those of its metadata, whatever
 * they are. `keyFields` are those that all units in question have.
 */
export function unitFields(
  types: Pick<ContentTypeIds, 'lookupFields'>,
  keyFields: readonly string[],
  filter: Filter,
  sort: readonly SortKey[],
): FieldMap {
  const names = new Set([...namesIn(filter), ...sort.map(({ field }) => field.split('.')[0] ?? '')])
  const own = [...names].map((name) => [name, metadataField(types, keyFields, name)] as const)
  return { ...Object.fromEntries(own), ...fieldsOfAll }
}

const type = sql`(SELECT content_type.name FROM content_type WHERE content_type.id = unit.type)`
const seconds = sql`floor(extract(epoch FROM unit.updated))::bigint`
const note = sql`SELECT value FROM unit_user_metadata WHERE unit_user_metadata.wire_id = unit.wire_id`

const fieldsOfAll: FieldMap = {
  _id: uuidField(sql.ref('unit.wire_id')),
  _content_type_id: textField(type),
  _ns: textField(sql`'units_' || ${type}`),
  _last_updated: { json: sql`to_jsonb(${seconds})`, sort: seconds, scalar: true },
  _storage_path: mayBeMissing(sql`to_jsonb(${storagePath})`),
  downloaded: mayBeMissing(sql`to_jsonb(${downloaded})`),
  pulp_user_metadata: jsonField(sql`coalesce((${note}), '{}')`),
}

function metadataField(types: Pick<ContentTypeIds, 'lookupFields'>, keyFields: readonly string[], name: string) {
  const value = sql`(unit.metadata -> ${name}::text)`
  const field = keyFields.includes(name) ? scalarField(value) : mayBeMissing(value)
  if (!types.lookupFields.has(name)) return field
  const narrow = (values: readonly Json[]) => (values.includes(null) ? undefined : lookUp(name, values))
  return { ...field, narrow }
}

function mayBeMissing(json: RawBuilder<unknown>): SearchField {
  return { json, sort: json, scalar: false }
}

/** Numbers before text, each in its own order. */
function scalarField(value: RawBuilder<unknown>): SearchField {
  const number = sql`CASE WHEN jsonb_typeof(${value}) = 'number' THEN (${value} #>> '{}')::numeric END`
  const sort = sql`ROW(jsonb_typeof(${value}), ${number}, (${value} #>> '{}') COLLATE "C")`
  return { json: sql`coalesce(${value}, 'null')`, sort, scalar: true }
}

/** The fields that a filter starts from. */
function* namesIn(filter: Filter): Iterable<string> {
  if (filter.kind === 'not') yield* namesIn(filter.filter)
  else if (filter.kind === 'field') yield filter.path[0] ?? ''
  else for (const one of filter.filters) yield* namesIn(one)
}
