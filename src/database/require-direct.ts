import { randomInt } from 'node:crypto'
import { Client } from 'pg'
import { DeckleError, invalid } from '../core/errors.ts'

export interface DatabaseAddresses {
  readonly url: string
  /** Where the control connection goes, when it is another way to the same database. */
  readonly directUrl?: string | undefined
}

const looks = 3

/**
 * Throws unless sessions at the address of the control connection are PostgreSQL's own. A pooler in transaction mode hands one
 * server process to many clients, so that two workers hold the same lock and nobody hears notices (design-notes §2). Two
 * connections look at a session lock from both sides, outside of transactions.
 */
export async function requireDirect({ url, directUrl }: DatabaseAddresses): Promise<void> {
  const setting = directUrl === undefined ? 'DECKLE_DATABASE_URL' : 'DECKLE_DATABASE_DIRECT_URL'
  await withTwo([directUrl ?? url, directUrl ?? url], setting, async (holder, looker) => {
    if (!(await keepsSessions(holder, looker))) throw pooled(setting)
  })
  if (directUrl === undefined) return
  await withTwo([url, directUrl], setting, async (one, other) => {
    if ((await databaseOf(one)) === (await databaseOf(other))) return
    throw invalid('DECKLE_DATABASE_DIRECT_URL and DECKLE_DATABASE_URL lead to different databases')
  })
}

async function keepsSessions(holder: Client, looker: Client): Promise<boolean> {
  // Never used again, since a pooler may keep the lock for ever.
  const key = randomInt(2 ** 31)
  const { rows } = await holder.query<{ pid: number }>('SELECT pg_advisory_lock($1), pg_backend_pid() AS pid', [key])
  const pid = rows[0]?.pid
  try {
    for (let look = 0; look < looks; look++) {
      // The transaction keeps a pooler from giving the same process to both in turn.
      await looker.query('BEGIN')
      const seen = await looker.query<{ own: number; holder: number }>(lookSql, [key])
      const again = seen.rows[0]?.own === pid ? pid : await ownPid(holder)
      await looker.query('COMMIT')
      if (seen.rows[0]?.own === pid || seen.rows[0]?.holder !== pid || again !== pid) return false
    }
    return true
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [key]).catch(() => undefined)
  }
}

/** PostgreSQL splits a 64-bit key into `classid` and `objid`; ours has no upper half. */
const lookSql = `
  SELECT pg_backend_pid() AS own, (
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = $1::bigint::oid AND objsubid = 1
    AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS holder`

async function ownPid(client: Client): Promise<number | undefined> {
  return (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid
}

async function databaseOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ identity: string }>(`
    SELECT concat_ws(' ', oid, pg_postmaster_start_time()) AS identity FROM pg_database
    WHERE datname = current_database()`)
  return rows[0]?.identity ?? ''
}

function pooled(setting: string): DeckleError {
  const remedy = 'the address of PostgreSQL itself in DECKLE_DATABASE_DIRECT_URL'
  return invalid(
    `${setting} leads through a pooler that shares sessions (transaction or statement mode), and with them the locks and ` +
      `notices that workers rely on; set ${remedy}, or use session mode`,
  )
}

async function withTwo(
  urls: readonly [string, string],
  setting: string,
  work: (one: Client, other: Client) => Promise<void>,
): Promise<void> {
  const clients = urls.map((url) => new Client({ connectionString: url, connectionTimeoutMillis, query_timeout }))
  const [one, other] = clients as [Client, Client]
  try {
    for (const client of clients) {
      client.on('error', () => undefined)
      await client.connect()
    }
    await work(one, other)
  } catch (error) {
    if (error instanceof DeckleError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new DeckleError('internal', `the database of ${setting} does not answer: ${reason}`, {}, { cause: error })
  } finally {
    for (const client of clients) await client.end().catch(() => undefined)
  }
}

const connectionTimeoutMillis = 10_000
const query_timeout = 10_000
