import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { RowIds } from './row-ids.ts'

const rowsAtOnce = 1_000

/**
 * The column `id` of all rows of a query, in bounded memory and within `timeLimitMs` altogether, if there is a limit. Nobody waits for a client
 * meanwhile: the objects themselves are read afterwards, as fast as they are taken, and hold no connection in between.
 */
export async function findRows(
  transaction: Transaction<Schema>,
  query: RawBuilder<unknown>,
  timeLimitMs?: number,
): Promise<RowIds> {
  const start = performance.now()
  await sql`DECLARE found NO SCROLL CURSOR FOR ${query}`.execute(transaction)
  const ids = new RowIds()
  for (;;) {
    const { rows } = await sql<{ id: number }>`FETCH ${sql.lit(rowsAtOnce)} FROM found`.execute(transaction)
    for (const row of rows) ids.add(row.id)
    if (rows.length < rowsAtOnce) return ids
    if (timeLimitMs === undefined) continue
    const left = Math.max(1, Math.ceil(timeLimitMs - (performance.now() - start)))
    await sql.raw(`SET LOCAL statement_timeout = ${left}`).execute(transaction)
  }
}
