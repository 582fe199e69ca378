import { Client, DatabaseError } from 'pg'
import { DeckleError } from '../../core/errors.ts'

/** Where a server listens and how to get in. */
export interface Entrance {
  readonly sockets: string
  readonly port: number
  readonly password: string
}

/** Milliseconds; a server that does not answer for so long is not ready. */
const patience = 10_000

/** A URL that `pg` and libpq read alike: the parameter `host` wins over `localhost`, which is there to satisfy URL parsers. */
export function databaseUrl(entrance: Entrance, database: string): string {
  const url = new URL(`postgres://deckle:${entrance.password}@localhost:${entrance.port}/${database}`)
  url.searchParams.set('host', entrance.sockets)
  // A plus is a blank for pg only.
  return url.href.replaceAll('+', '%20')
}

/** The data folder of the server that answers; undefined while none does or it is starting or stopping. */
export async function answeringData(entrance: Entrance): Promise<string | undefined> {
  try {
    return await ask(entrance, 'SHOW data_directory', 'data_directory')
  } catch (error) {
    if (isNotReady(error)) return undefined
    throw refusal(entrance, error)
  }
}

export async function ensureDatabase(entrance: Entrance, name: string): Promise<void> {
  const found = await ask(entrance, `SELECT datname FROM pg_database WHERE datname = '${name}'`, 'datname')
  if (found === undefined) await ask(entrance, `CREATE DATABASE ${name}`)
}

async function ask(entrance: Entrance, statement: string, column = ''): Promise<string | undefined> {
  const client = new Client({
    connectionString: databaseUrl(entrance, 'postgres'),
    application_name: 'deckle supervisor',
    connectionTimeoutMillis: patience,
    query_timeout: patience,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<Record<string, string>>(statement)
    return rows[0]?.[column]
  } finally {
    await client.end().catch(() => {})
  }
}

/** 57P03 is "starting up", "shutting down" and "in recovery"; 57P01 and a broken connection: it stopped meanwhile. */
function isNotReady(error: unknown): boolean {
  if (error instanceof DatabaseError) return ['57P01', '57P02', '57P03'].includes(error.code ?? '')
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return (
    ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(String(code)) || /terminated|timeout/.test(error.message)
  )
}

function refusal(entrance: Entrance, cause: unknown): DeckleError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DeckleError('internal', `the PostgreSQL in ${entrance.sockets} refuses us: ${reason}`, {}, { cause })
}
