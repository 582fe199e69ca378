import { type RawBuilder, sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Schema } from '../schema.ts'
import type { DraftPosition } from './membership.ts'

/** A version of a repository, by row id. */
interface SourceVersion {
  readonly repository: number
  readonly number: number
}

/**
 * Holds a version until the transaction ends: neither retention nor the deletion of orphans, which both mark it first, takes
 * anything of it meanwhile. Throws kind `not-found`, and `conflict` for one that is pruned.
 */
export async function lockVersion(
  transaction: Transaction<Schema>,
  repositoryId: string,
  number: number,
): Promise<SourceVersion> {
  const row = await transaction
    .selectFrom('repository')
    .select('id')
    .where('name', '=', repositoryId)
    .executeTakeFirst()
  if (row === undefined) throw notFound({ repository: repositoryId })
  if (number === 0) return { repository: row.id, number }
  const version = await transaction
    .selectFrom('repository_version')
    .innerJoin('repository', 'repository.id', 'repository_version.repository')
    .select('repository_version.pruned')
    .where('repository_version.repository', '=', row.id)
    .where('repository_version.number', '=', number)
    .whereRef('repository_version.number', '<=', 'repository.latest')
    .forShare('repository_version')
    .executeTakeFirst()
  if (version === undefined) throw notFound({ repository: repositoryId, version: String(number) })
  if (version.pruned) {
    throw new DeckleError('conflict', `units of version ${number} of repository ${repositoryId} were deleted`)
  }
  return { repository: row.id, number }
}

/** Makes the content of the draft that of a version that is held. */
export async function becomeVersion(
  transaction: Transaction<Schema>,
  position: DraftPosition,
  source: SourceVersion,
): Promise<void> {
  const { repository, next } = position
  const surplus = sql`membership.repository = ${repository} AND membership.removed_in IS NULL
    AND NOT EXISTS (SELECT FROM membership AS wanted WHERE wanted.unit = membership.unit AND ${isIn(source, 'wanted')})`
  await sql`DELETE FROM membership WHERE ${surplus} AND added_in = ${next}`.execute(transaction)
  await sql`UPDATE membership SET removed_in = ${next} WHERE ${surplus}`.execute(transaction)
  await sql`
    UPDATE membership SET removed_in = NULL WHERE repository = ${repository} AND removed_in = ${next}
      AND EXISTS (SELECT FROM membership AS wanted WHERE wanted.unit = membership.unit AND ${isIn(source, 'wanted')})
  `.execute(transaction)
  await sql`
    INSERT INTO membership (repository, unit, identity, name, type, added_in)
    SELECT ${repository}, unit, identity, name, type, ${next} FROM membership AS wanted WHERE ${isIn(source, 'wanted')}
    ON CONFLICT (repository, identity) WHERE removed_in IS NULL DO NOTHING`.execute(transaction)
}

/** Whether a row of membership, given by its alias, is in a version. */
function isIn({ repository, number }: SourceVersion, alias: string): RawBuilder<boolean> {
  const member = sql.table(alias)
  return sql<boolean>`(${member}.repository = ${repository} AND ${member}.added_in <= ${number}
    AND (${member}.removed_in IS NULL OR ${member}.removed_in > ${number}))`
}
