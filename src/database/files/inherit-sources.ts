import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * To be called before the importer of a repository goes, and with it all that it said of where files can be fetched. Files of which
 * nobody else says anything are told to the importers of the other repositories that have, or had, a unit with them: what was copied
 * stays fetchable (docs/decisions/copies.md).
 */
export async function inheritSources(transaction: Transaction<Schema>, repository: number): Promise<void> {
  await sql`
    INSERT INTO file_source (file, importer, url, rank)
    SELECT last.file, heir.id, last.url, min(last.rank)
    FROM importer AS owner JOIN file_source AS last ON last.importer = owner.id
    JOIN unit_file ON unit_file.file = last.file
    JOIN membership ON membership.unit = unit_file.unit AND membership.repository <> owner.repository
    JOIN importer AS heir ON heir.repository = membership.repository
    WHERE owner.repository = ${repository} AND NOT EXISTS (
      SELECT FROM file_source AS other WHERE other.file = last.file AND other.importer <> owner.id)
    GROUP BY last.file, heir.id, last.url ORDER BY last.file, heir.id, last.url
    ON CONFLICT DO NOTHING`.execute(transaction)
}
