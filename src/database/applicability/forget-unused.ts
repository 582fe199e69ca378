import { sql } from 'kysely'
import type { Database } from '../connection.ts'

/** Deletes what no consumer has the profile for any more that is bound to the repository. */
export async function forgetUnused(database: Database, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM applicability WHERE id = ANY (ARRAY(
      SELECT unused.id FROM applicability AS unused JOIN repository ON repository.id = unused.repository
      WHERE NOT EXISTS (
        SELECT FROM consumer_profile AS profile JOIN binding ON binding.consumer = profile.consumer
        WHERE profile.content_type = unused.profile_type AND profile.hash = unused.profile_hash
          AND binding.repository = repository.name)
      LIMIT ${limit} FOR UPDATE OF unused SKIP LOCKED))`.execute(database)
  return Number(numAffectedRows ?? 0n)
}
