import { sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Schema } from '../schema.ts'
import type { DraftPosition } from './membership.ts'

/** A version of a repository, by row id, that is held. */
export interface HeldVersion {
  readonly repository: number
  readonly number: number
  /** Undefined for version 0, in which nothing is. */
  readonly content: string | undefined
  /** Units by type. */
  readonly counts: Readonly<Record<string, number>>
}

/**
 * Holds a version until the transaction ends, for one that is to have the same content: neither retention nor the deletion of orphans, which
 * marks it first, takes anything of it meanwhile. Retention leaves both repositories alone, so that their other versions are what
 * they are said to be. Throws kind `not-found`, and `conflict` for one that is pruned.
 */
export async function lockVersion(
  transaction: Transaction<Schema>,
  draft: DraftPosition,
  repositoryId: string,
  number: number,
): Promise<HeldVersion> {
  const { rows } = await sql<{ id: number; name: string; latest: number }>`
    SELECT id, name, latest FROM repository WHERE id = ${draft.repository} OR name = ${repositoryId}
    ORDER BY id FOR KEY SHARE`.execute(transaction)
  const repository = rows.find(({ name }) => name === repositoryId)
  if (repository === undefined) throw notFound({ repository: repositoryId })
  if (number === 0) return { repository: repository.id, number, content: undefined, counts: {} }
  const version = await transaction
    .selectFrom('repository_version')
    .select(['pruned', 'content', 'counts'])
    .where('repository', '=', repository.id)
    .where('number', '=', number)
    .where('number', '<=', repository.latest)
    .forShare()
    .executeTakeFirst()
  if (version === undefined) throw notFound({ repository: repositoryId, version: String(number) })
  const { content, counts } = version
  if (!version.pruned) return { repository: repository.id, number, content, counts }
  const message = `version ${number} of ${repositoryId} cannot be taken over: units of it were deleted as orphans`
  throw new DeckleError('conflict', message, { resources: { repository: repositoryId, version: String(number) } })
}
