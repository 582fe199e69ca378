import { type RawBuilder, sql } from 'kysely'
import type { Criteria } from '../../core/criteria.ts'
import type { Database } from '../connection.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { compileFilter } from './compile-filter.ts'
import { findRows } from './find-rows.ts'
import { orderBy } from './order-by.ts'
import type { RowIds } from './row-ids.ts'
import { runSearch, searchTimeMs } from './run-search.ts'
import { unitFields } from './unit-fields.ts'

/** Rows of the newest revision of each key of a type that matches; by default in the order in which they came. */
export async function searchUnits(
  database: Database,
  types: ContentTypeIds,
  type: string,
  criteria: Criteria,
): Promise<RowIds> {
  const fields = unitFields(types, types.declared(type)?.keyFields ?? [], criteria.filter, criteria.sort)
  const query = sql`
    SELECT unit.id FROM unit
    WHERE unit.type = ${types.id(type)} AND ${compileFilter(criteria.filter, fields)} AND ${isNewest}
    ORDER BY ${orderBy(criteria, fields, sql`unit.id`)} ${extent(criteria)}`
  return runSearch(database, criteria, (transaction) => findRows(transaction, query, searchTimeMs))
}

/** All rows of a type, page by page, newest revisions only; each page looks for what is behind the one before. */
export async function* listUnits(
  database: Database,
  types: ContentTypeIds,
  type: string,
  page: number,
): AsyncGenerator<readonly number[]> {
  for (let after = 0; ; ) {
    const { rows } = await sql<{ id: number }>`
      SELECT unit.id FROM unit WHERE unit.type = ${types.id(type)} AND unit.id > ${after} AND ${isNewest}
      ORDER BY unit.id LIMIT ${page}`.execute(database)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(({ id }) => id)
    after = last.id
  }
}

/** Over a row `unit`: no younger revision of its key. */
const isNewest = sql<boolean>`NOT EXISTS (
  SELECT FROM unit AS newer WHERE newer.wire_id = unit.wire_id AND newer.id > unit.id)`

export function extent({ skip, limit }: Pick<Criteria, 'skip' | 'limit'>): RawBuilder<unknown> {
  return limit === undefined ? sql`OFFSET ${skip}` : sql`OFFSET ${skip} LIMIT ${limit}`
}
