import { sql, type Transaction } from 'kysely'
import type { Applicability, ApplicabilityScope } from '../../core/applicability.ts'
import type { Schema } from '../schema.ts'

/**
 * Takes the place of what was found before, but for what was found in a later version. Side by side with others that do the same:
 * all go by the hash, so nobody waits in a circle.
 */
export async function saveFound(
  transaction: Transaction<Schema>,
  { repositoryId, version, profileType }: ApplicabilityScope,
  found: readonly Applicability[],
): Promise<void> {
  const repository = await transaction
    .selectFrom('repository')
    .select('id')
    .where('name', '=', repositoryId)
    .forKeyShare()
    .executeTakeFirst()
  if (repository === undefined) return
  for (const { profileHash, units } of found.toSorted(byHash)) {
    const rows = Object.entries(units).sort(byType)
    await sql`
      INSERT INTO applicability (profile_hash, profile_type, repository, content_type, version, units)
      SELECT ${Buffer.from(profileHash, 'hex')}, ${profileType}, ${repository.id}::integer, found.type, ${version}::integer,
        found.units::uuid[]
      FROM unnest(${rows.map(([type]) => type)}::text[], ${rows.map(([, ids]) => `{${ids.join()}}`)}::text[])
        WITH ORDINALITY AS found (type, units, place)
      ORDER BY found.place
      ON CONFLICT (profile_hash, profile_type, repository, content_type)
      DO UPDATE SET version = excluded.version, units = excluded.units
      WHERE applicability.version <= excluded.version`.execute(transaction)
  }
}

function byHash(one: Applicability, two: Applicability): number {
  return one.profileHash < two.profileHash ? -1 : 1
}

function byType([one]: readonly [string, unknown], [two]: readonly [string, unknown]): number {
  return one < two ? -1 : 1
}
