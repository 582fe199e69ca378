import type { ContentType } from '../../core/content-type.ts'
import type { Database } from '../connection.ts'
import { indexLookups, lookupFieldsOf } from './lookup-indexes.ts'

/** Content type name ↔ its small number in the unit table. */
export interface ContentTypeIds {
  /** Throws for a type that no plugin declares. */
  id(name: string): number
  name(id: number): string
  /** All that the database has, in order of name. */
  readonly names: readonly string[]
  /** Types that plugins of this process declare. */
  declared(name: string): ContentType | undefined
  /** Fields by which units are found with an index. */
  readonly lookupFields: ReadonlySet<string>
  /** Fields of which a repository holds each combination once, in order; undefined when the key alone counts. */
  uniqueIn(name: string): readonly string[] | undefined
}

/** Gives every type a number, the same in all processes, and the indexes that it asks for. Called once at start-up. */
export async function registerContentTypes(database: Database, types: readonly ContentType[]): Promise<ContentTypeIds> {
  if (types.length > 0) {
    const rows = types.map((type) => ({ name: type.id }))
    await database
      .insertInto('content_type')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const lookupFields = new Set(types.flatMap(lookupFieldsOf))
  await indexLookups(database, lookupFields)
  const known = await database.selectFrom('content_type').selectAll().execute()
  const ids = new Map(known.map((row) => [row.name, row.id]))
  const namesById = new Map(known.map((row) => [row.id, row.name]))
  const declared = new Map(types.map((type) => [type.id, type]))
  const unique = new Map(types.map((type) => [type.id, type.uniqueIn?.toSorted()]))
  return {
    id: (name) => required(ids.get(name), name),
    name: (id) => required(namesById.get(id), id),
    names: [...ids.keys()].toSorted(),
    declared: (name) => declared.get(name),
    lookupFields,
    uniqueIn: (name) => unique.get(name),
  }
}

function required<Value>(value: Value | undefined, asked: string | number): Value {
  if (value === undefined) throw new Error(`content type ${asked} is not registered; its plugin does not declare it`)
  return value
}
