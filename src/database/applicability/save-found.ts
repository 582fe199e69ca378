import { sql, type Transaction } from 'kysely'
import type { Applicability, ApplicabilityScope } from '../../core/applicability.ts'
import type { Schema } from '../schema.ts'

/** Ids of units in one statement, some 2 MB of text, unless those of one row are more. */
const statementUnits = 50_000

interface Row {
  readonly hash: Buffer
  readonly type: string
  readonly units: readonly string[]
}

/**
 * Takes the place of what was found before, but for what was found in a later version. Side by side with others that do the same:
 * all go by hash and type, so nobody waits in a circle.
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
  for (const rows of portionsOf(rowsOf(found))) {
    await sql`
      INSERT INTO applicability (profile_hash, profile_type, repository, content_type, version, units)
      SELECT found.hash, ${profileType}, ${repository.id}::integer, found.type, ${version}::integer, found.units::uuid[]
      FROM unnest(${rows.map(({ hash }) => hash)}::bytea[], ${rows.map(({ type }) => type)}::text[],
        ${rows.map(({ units }) => `{${units.join()}}`)}::text[]) WITH ORDINALITY AS found (hash, type, units, place)
      ORDER BY found.place
      ON CONFLICT (profile_hash, profile_type, repository, content_type)
      DO UPDATE SET version = excluded.version, units = excluded.units
      WHERE applicability.version <= excluded.version`.execute(transaction)
  }
}

function rowsOf(found: readonly Applicability[]): readonly Row[] {
  const sorted = found.toSorted((one, two) => (one.profileHash < two.profileHash ? -1 : 1))
  return sorted.flatMap(({ profileHash, units }) => {
    const types = Object.entries(units).sort(([one], [two]) => (one < two ? -1 : 1))
    return types.map(([type, ids]) => ({ hash: Buffer.from(profileHash, 'hex'), type, units: ids }))
  })
}

function* portionsOf(rows: readonly Row[]): Iterable<readonly Row[]> {
  let portion: Row[] = []
  let size = 0
  for (const row of rows) {
    if (portion.length > 0 && size + row.units.length > statementUnits) {
      yield portion
      portion = []
      size = 0
    }
    portion.push(row)
    size += row.units.length
  }
  if (portion.length > 0) yield portion
}
