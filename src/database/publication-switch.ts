import { type SelectQueryBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** Channel on which processes hear that a base path serves something else now; the payload is the base path. */
export const publicationChannel = 'deckle_publication'

/** Announces base paths when the transaction commits. */
export async function announceSwitch(transaction: Transaction<Schema>, basePaths: Iterable<string>): Promise<void> {
  await sql`SELECT pg_notify(${publicationChannel}, path) FROM unnest(${[...basePaths]}::text[]) AS path`.execute(
    transaction,
  )
}

type Publications = SelectQueryBuilder<Schema, 'publication', { base_path: string }>

/** Announces the base paths of the publications that `narrow` selects. Call it before they are deleted. */
export async function announceSwitches(
  transaction: Transaction<Schema>,
  narrow: (query: Publications) => Publications,
): Promise<void> {
  const query = transaction.selectFrom('publication').select('base_path').distinct()
  const rows = await narrow(query).where('live_from', 'is not', null).execute()
  if (rows.length === 0) return
  await announceSwitch(
    transaction,
    rows.map((row) => row.base_path),
  )
}
