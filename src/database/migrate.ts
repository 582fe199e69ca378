import { type Migration, Migrator } from 'kysely/migration'
import { DeckleError } from '../core/errors.ts'
import type { Database } from './connection.ts'
import * as model from './migrations/0001-model.ts'

/** Every migration there is, in order; the name is what the database remembers. A released one is never edited. */
export const knownMigrations: Readonly<Record<string, Migration>> = {
  '0001-model': model,
}

/**
 * Brings the schema up to date, or to the migration `to`; safe when several processes start at once. Refuses a schema that is
 * newer than this program.
 */
export async function migrate(
  database: Database,
  { to, migrations = knownMigrations }: { to?: string; migrations?: Readonly<Record<string, Migration>> } = {},
): Promise<readonly string[]> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } })
  const { error, results } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to))
  if (error !== undefined) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DeckleError(
      'internal',
      `the database schema cannot be brought up to date: ${reason}`,
      {},
      { cause: error },
    )
  }
  return (results ?? []).map((result) => result.migrationName)
}
