import type { Client } from 'pg'

/**
 * Which blob store a database is about (`blob-store-identity.ts`) is not restored when the blobs are written into a store of the
 * target: two databases would take each other's store for their own.
 */
export async function keepStoreIdentity(client: Client): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE own_store ON COMMIT DROP AS SELECT * FROM server_state WHERE ${condition}`)
}

export async function putBackStoreIdentity(client: Client): Promise<void> {
  await client.query(`DELETE FROM server_state WHERE ${condition}`)
  await client.query('INSERT INTO server_state SELECT * FROM own_store')
}

const condition = `name = 'blob_store'`
