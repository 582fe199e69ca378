import { type RawBuilder, sql } from 'kysely'
import type { ContentType } from '../../core/content-type.ts'
import type { Json } from '../../core/json.ts'
import type { Database } from '../connection.ts'

/** Serves one process at a time. */
const lockKey = 0x6c6f6f6b

export function lookupFieldsOf(type: ContentType): readonly string[] {
  return type.lookupFields ?? type.keyFields.slice(0, 1)
}

/**
 * Makes the indexes that are missing, one for each field whatever the type: of the hash of its value, since a value may be longer
 * than an index can hold. Units without the field are in it too, or the planner would not believe its statistics. Looks first,
 * because making an index that is there waits for all who write.
 */
export async function indexLookups(database: Database, fields: ReadonlySet<string>): Promise<void> {
  if ((await missingOf(database, fields)).length === 0) return
  await database.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(lockKey)}, 1)`.execute(transaction)
    for (const field of await missingOf(transaction, fields)) {
      await sql`CREATE INDEX ${sql.id(indexName(field))} ON unit (${hashOf(field)})`.execute(transaction)
    }
    await sql`ANALYZE unit`.execute(transaction)
  })
}

/** A condition on a row `unit` for the index of the field: true where it is one of the values, none of which is null. */
export function lookUp(field: string, values: readonly Json[]): RawBuilder<boolean> {
  const texts = values.map((value) => JSON.stringify(value))
  if (texts.length === 1) return sql`(${hashOf(field)} = jsonb_hash_extended(${texts[0]}::jsonb, 0))`
  const hashes = sql`SELECT jsonb_hash_extended(value, 0) FROM unnest(${texts}::jsonb[]) AS value`
  return sql`(${hashOf(field)} = ANY (ARRAY(${hashes})))`
}

async function missingOf(database: Database, fields: ReadonlySet<string>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'unit'
  `.execute(database)
  const names = new Set(rows.map((row) => row.name))
  return [...fields].filter((field) => !names.has(indexName(field)))
}

/** PostgreSQL cuts longer names. */
function indexName(field: string): string {
  return `unit_lookup_${field}`.slice(0, 63)
}

/** The planner knows an index by its expression, so the name is written out. */
function hashOf(field: string): RawBuilder<unknown> {
  return sql`jsonb_hash_extended(unit.metadata -> ${sql.lit(field)}, 0)`
}
