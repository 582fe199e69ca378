import { type RawBuilder, sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import { isOwned, ownerField } from '../../core/owned-unit.ts'
import type { Schema } from '../schema.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { dropMembers, takeUnits } from './catalog-members.ts'
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
    const message = `version ${number} of ${repositoryId} cannot be taken over: units of it were deleted as orphans`
    throw new DeckleError('conflict', message, { resources: { repository: repositoryId, version: String(number) } })
  }
  return { repository: row.id, number }
}

/** Makes the content of the draft that of a version that is held; of what that repository owns it gets clones. */
export async function becomeVersion(
  transaction: Transaction<Schema>,
  context: { readonly types: ContentTypeIds; readonly repositoryId: string },
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
  if (source.repository === repository) return
  const foreign = await foreignMembers(transaction, context, repository)
  await dropMembers(transaction, position, foreign)
  await takeUnits(transaction, context, position, foreign)
}

/** Units that the draft has and another repository owns. */
async function foreignMembers(
  transaction: Transaction<Schema>,
  { types, repositoryId }: { readonly types: ContentTypeIds; readonly repositoryId: string },
  repository: number,
): Promise<readonly number[]> {
  const owned = types.names.filter((name) => isOwned(types.declared(name))).map((name) => types.id(name))
  if (owned.length === 0) return []
  const { rows } = await sql<{ id: number }>`
    SELECT unit.id FROM membership JOIN unit ON unit.id = membership.unit
    WHERE membership.repository = ${repository} AND membership.removed_in IS NULL
      AND membership.type = ANY (${owned}::smallint[])
      AND unit.metadata ->> ${ownerField} IS DISTINCT FROM ${repositoryId}`.execute(transaction)
  return rows.map((row) => row.id)
}

/** Whether a row of membership, given by its alias, is in a version. */
function isIn({ repository, number }: SourceVersion, alias: string): RawBuilder<boolean> {
  const member = sql.table(alias)
  return sql<boolean>`(${member}.repository = ${repository} AND ${member}.added_in <= ${number}
    AND (${member}.removed_in IS NULL OR ${member}.removed_in > ${number}))`
}
