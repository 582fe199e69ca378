import { Client } from 'pg'
import type { DeckleServer } from './deckle-server.ts'

/** Names of the units in each version of a repository, by version number; as the database has them. */
export async function versionsOf(server: DeckleServer, repositoryId: string): Promise<Record<number, string[]>> {
  const rows = await query<{ number: number; names: string[] }>(server, membersByVersion, [repositoryId])
  return Object.fromEntries(rows.map(({ number, names }) => [number, names]))
}

/** Paths of the units' files whose bytes are recorded as stored. */
export async function storedFiles(server: DeckleServer): Promise<string[]> {
  return (await query<{ path: string }>(server, storedPaths, [])).map(({ path }) => path)
}

/** The sha256 of all bytes that are recorded as stored. */
export async function storedBlobs(server: DeckleServer): Promise<string[]> {
  return (await query<{ sha256: string }>(server, storedDigests, [])).map(({ sha256 }) => sha256)
}

async function query<Row extends object>(server: DeckleServer, text: string, values: string[]): Promise<Row[]> {
  const client = new Client({ connectionString: server.databaseUrl })
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

const storedPaths = `
  SELECT path FROM unit_file JOIN file ON file.id = unit_file.file JOIN blob ON blob.sha256 = file.sha256
  WHERE blob.stored_at IS NOT NULL`

const storedDigests = `SELECT encode(sha256, 'hex') AS sha256 FROM blob WHERE stored_at IS NOT NULL`

const membersByVersion = `
  SELECT version.number, array(
    SELECT unit.metadata->>'name' FROM membership JOIN unit ON unit.id = membership.unit
    WHERE membership.repository = version.repository AND added_in <= version.number
    AND (removed_in IS NULL OR removed_in > version.number)
    ORDER BY unit.metadata->>'name' COLLATE "C") AS names
  FROM repository_version AS version JOIN repository ON repository.id = version.repository
  WHERE repository.name = $1 ORDER BY version.number`
