import { randomUUID } from 'node:crypto'
import { isJsonObject } from '../core/json.ts'
import type { Database } from './connection.ts'
import { jsonb } from './schema.ts'

/** Which blob store this database is about. */
export interface BlobStoreIdentity {
  readonly id: string
  /** The store is known to bear the id; until then it may be written there. */
  readonly marked: boolean
}

const name = 'blob_store'

/** Undefined before the first start. */
export async function findBlobStoreIdentity(database: Database): Promise<BlobStoreIdentity | undefined> {
  const query = database.selectFrom('server_state').select('value').where('name', '=', name)
  const value = (await query.executeTakeFirst())?.value
  if (value === undefined || !isJsonObject(value)) return undefined
  return { id: String(value['id']), marked: value['marked'] === true }
}

/** The same id for all processes that start for the first time at once. */
export async function makeBlobStoreIdentity(database: Database): Promise<BlobStoreIdentity> {
  await database
    .insertInto('server_state')
    .values({ name, value: jsonb({ id: randomUUID(), marked: false }) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const identity = await findBlobStoreIdentity(database)
  if (identity === undefined) throw new Error('the id of the blob store was removed while it was made')
  return identity
}

export async function confirmBlobStoreIdentity(database: Database, id: string): Promise<void> {
  const value = jsonb({ id, marked: true })
  await database.updateTable('server_state').set({ value }).where('name', '=', name).execute()
}
