import { sql, type Transaction } from 'kysely'
import type { Binding, NewBinding } from '../../core/consumer.ts'
import { notFound } from '../../core/errors.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import { toDistributor } from '../repository-rows.ts'
import { jsonb, type Schema } from '../schema.ts'

/** A distributor that neither changes nor goes before the transaction ends. Throws kind `not-found`. */
export async function lockDistributor(
  transaction: Transaction<Schema>,
  { repositoryId, distributorId }: Pick<NewBinding, 'repositoryId' | 'distributorId'>,
): Promise<RepositoryDistributor> {
  const row = await transaction
    .selectFrom('distributor')
    .innerJoin('repository', 'repository.id', 'distributor.repository')
    .selectAll('distributor')
    .where('repository.name', '=', repositoryId)
    .where('distributor.name', '=', distributorId)
    .forShare('distributor')
    .executeTakeFirst()
  if (row === undefined) throw notFound({ repo_id: repositoryId, distributor_id: distributorId })
  return toDistributor(row, repositoryId)
}

/** Makes bindings, or makes those that are there anew. Returns their row ids. */
export async function saveBindings(
  transaction: Transaction<Schema>,
  consumerIds: readonly string[],
  { repositoryId, distributorId, notifyAgent, config }: NewBinding,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    WITH bound AS (
      SELECT id FROM consumer WHERE name = ANY(${[...consumerIds]}::text[]) ORDER BY id FOR KEY SHARE)
    INSERT INTO binding (consumer, repository, distributor, notify_agent, config)
    SELECT id, ${repositoryId}, ${distributorId}, ${notifyAgent}, ${jsonb(config)}::jsonb FROM bound ORDER BY id
    ON CONFLICT (consumer, repository, distributor) DO UPDATE
      SET notify_agent = excluded.notify_agent, config = excluded.config, deleted = false
    RETURNING id`.execute(transaction)
  return rows.map(({ id }) => id)
}

/** Those whose agents are not told go, and with force the others; without it the others are marked. */
export async function removeBindings(
  transaction: Transaction<Schema>,
  keys: readonly number[],
  force: boolean,
): Promise<void> {
  const these = sql<boolean>`id = ANY(${[...keys]}::bigint[])`
  const gone = transaction.deleteFrom('binding').where(these)
  await (force ? gone : gone.where('notify_agent', '=', false)).execute()
  await transaction.updateTable('binding').set({ deleted: true }).where(these).execute()
}

/** Its agent is to be told that it ends, and nothing that it was told is still to be done. */
export function untold({ notifyAgent, deleted, actions }: Binding): boolean {
  const told = deleted && actions.some(({ action, status }) => action === 'unbind' && status === 'pending')
  return notifyAgent && !told
}
