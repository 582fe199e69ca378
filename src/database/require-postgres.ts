import { Client } from 'pg'
import { DeckleError } from '../core/errors.ts'

/** As `server_version_num` tells it. */
const oldestVersion = 150_000

/** Throws a message that names DECKLE_DATABASE_URL when no PostgreSQL of version 15 or later answers there. */
export async function requirePostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::integer AS version`,
    )
    const version = rows[0]?.version ?? 0
    if (version >= oldestVersion) return
    throw new DeckleError('invalid', `PostgreSQL 15 or later is needed; DECKLE_DATABASE_URL leads to ${version}`)
  } catch (error) {
    if (error instanceof DeckleError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new DeckleError(
      'internal',
      `the database of DECKLE_DATABASE_URL does not answer: ${reason}`,
      {},
      { cause: error },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}
