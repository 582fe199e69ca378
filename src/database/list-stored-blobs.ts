import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** A blob that the database says is stored. */
export interface StoredBlobRow {
  readonly sha256: string
  readonly size: number
}

const page = 1_000
/** Rows that are taken from one place of the list. */
const handful = 5

/** All of them, in the order of their names, a thousand rows in memory. */
export async function* listStoredBlobs(url: string): AsyncGenerator<StoredBlobRow> {
  const client = await connect(url)
  try {
    for (let after = Buffer.alloc(0); ; ) {
      const rows = await pageAfter(client, after, page)
      yield* rows
      const last = rows.at(-1)
      if (last === undefined || rows.length < page) return
      after = Buffer.from(last.sha256, 'hex')
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** About `count` of them from places that chance chooses: names are digests, so every part of the list is alike. */
export async function sampleStoredBlobs(url: string, count: number): Promise<readonly StoredBlobRow[]> {
  const client = await connect(url)
  try {
    const found = new Map<string, StoredBlobRow>()
    for (let place = 0; place < count / handful; place++) {
      const rows = await pageAfter(client, randomBytes(32), handful)
      // The list goes round, so that its first rows are as likely as the others.
      const more = rows.length < handful ? await pageAfter(client, Buffer.alloc(0), handful - rows.length) : []
      for (const row of [...rows, ...more]) found.set(row.sha256, row)
    }
    return [...found.values()]
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'deckle doctor',
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function pageAfter(client: Client, after: Buffer, limit: number): Promise<readonly StoredBlobRow[]> {
  const { rows } = await client.query<StoredBlobRow>(
    `SELECT encode(sha256, 'hex') AS sha256, size::float8 AS size FROM blob
     WHERE sha256 > $1 AND stored_at IS NOT NULL ORDER BY sha256 LIMIT $2`,
    [after, limit],
  )
  return rows
}
