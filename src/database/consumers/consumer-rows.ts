import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Consumer } from '../../core/consumer.ts'
import { notFound } from '../../core/errors.ts'
import type { Schema } from '../schema.ts'

export function toConsumer(row: Selectable<Schema['consumer']>): Consumer {
  return {
    key: row.id,
    id: row.name,
    displayName: row.display_name,
    description: row.description,
    notes: row.notes,
    capabilities: row.capabilities,
    publicKey: row.public_key,
    created: row.created,
  }
}

/** Row id of a consumer. Throws kind `not-found`. */
export async function consumerKey(database: Kysely<Schema>, id: string): Promise<number> {
  const row = await database.selectFrom('consumer').select('id').where('name', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound({ consumer: id })
  return row.id
}

/** The same for a transaction that writes what is the consumer's: it stays until that commits. */
export async function lockConsumer(transaction: Transaction<Schema>, id: string): Promise<number> {
  const wanted = transaction.selectFrom('consumer').select('id').where('name', '=', id)
  const row = await wanted.forKeyShare().executeTakeFirst()
  if (row === undefined) throw notFound({ consumer: id })
  return row.id
}
