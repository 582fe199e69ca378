import { type SelectQueryBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** Channel on which processes hear that a base path serves something else now; the payload is the base path. */
export const publicationChannel = 'deckle_publication'

/** Announces one base path when the transaction commits. */
export async function announceSwitch(transaction: Transaction<Schema>, basePath: string): Promise<void> {
  await sql`SELECT pg_notify(${publicationChannel}, ${basePath})`.execute(transaction)
}

type Publications = SelectQueryBuilder<Schema, 'publication', { base_path: string }>

/** Announces the base paths of the publications that `narrow` selects. Call it before they are deleted. */
export async function announceSwitches(
  transaction: Transaction<Schema>,
  narrow: (query: Publications) => Publications,
): Promise<void> {
  const query = transaction.selectFrom('publication').select('base_path').distinct()
  for (const row of await narrow(query).where('live_from', 'is not', null).execute()) {
    await announceSwitch(transaction, row.base_path)
  }
}
