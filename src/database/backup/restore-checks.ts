import { type Client, escapeIdentifier } from 'pg'
import type { BackupManifest } from '../../core/backup.ts'
import { DeckleError } from '../../core/errors.ts'
import { appliedMigrations } from './backup-session.ts'

/**
 * Rows in these that are somebody's content or work. Accounts, content types and the first project are made by the first start of a
 * server.
 */
const content: Readonly<Record<string, string>> = {
  repository: 'true',
  unit: 'true',
  task: 'true',
  blob: 'true',
  resource: `type <> 'account' AND uuid <> 'adminProject'`,
}

const useAnother =
  'Restore into a new database: another DECKLE_DATABASE_URL, or a new DECKLE_DATA_DIR for the embedded PostgreSQL'

export function requireKnown(manifest: BackupManifest, known: readonly string[]): void {
  const newer = manifest.migrations.find((name, index) => known[index] !== name)
  if (newer === undefined) return
  throw new DeckleError(
    'invalid',
    `the backup was made by Deckle ${manifest.program}, whose schema (${newer}) this one does not know. Restore it with that release or a newer one`,
  )
}

export async function requireEmpty(client: Client): Promise<void> {
  for (const [table, somebodys] of Object.entries(content)) {
    const { rowCount } = await client.query(`SELECT FROM pg_class WHERE oid = to_regclass($1)`, [table])
    if (rowCount === 0) continue
    const found = await client.query(`SELECT FROM ${escapeIdentifier(table)} WHERE ${somebodys} LIMIT 1`)
    if (found.rowCount === 0) continue
    throw new DeckleError('conflict', `the database is not empty: its table ${table} has rows. ${useAnother}`)
  }
}

/** The migrations of the database are the backup's, or the first of them. */
export async function requireLevel(
  client: Client,
  manifest: BackupManifest,
  level: 'at most' | 'exactly',
): Promise<void> {
  const applied = (await appliedMigrations(client)) ?? []
  const other = applied.find((name, index) => manifest.migrations[index] !== name)
  if (other === undefined && (level === 'at most' || applied.length === manifest.migrations.length)) return
  throw new DeckleError(
    'conflict',
    `the schema of the database (${other ?? applied.at(-1)}) is newer than that of the backup. ${useAnother}`,
  )
}
