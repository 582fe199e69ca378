import type { Kysely, Transaction } from 'kysely'
import { notFound } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { NewDistributor, NewRepository } from '../core/repository.ts'
import { announceSwitches } from './publication-switch.ts'
import { jsonb, type Schema } from './schema.ts'

/** Row id of a repository. Throws kind `not-found`. */
export async function repositoryKey(database: Kysely<Schema>, id: string): Promise<number> {
  const row = await database.selectFrom('repository').select('id').where('name', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound({ repository: id })
  return row.id
}

export function insertRepository(transaction: Transaction<Schema>, repository: NewRepository) {
  return transaction
    .insertInto('repository')
    .values({
      name: repository.id,
      display_name: repository.displayName,
      description: repository.description,
      notes: jsonb(repository.notes),
      retain_versions: repository.retainVersions ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function insertImporter(transaction: Transaction<Schema>, repository: number, type: string, config: JsonObject) {
  return transaction
    .insertInto('importer')
    .values({ repository, type, config: jsonb(config) })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function insertDistributor(transaction: Transaction<Schema>, repository: number, distributor: NewDistributor) {
  return transaction
    .insertInto('distributor')
    .values({
      repository,
      name: distributor.id,
      type: distributor.type,
      config: jsonb(distributor.config),
      auto_publish: distributor.autoPublish,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Takes its publications down with it. */
export async function deleteDistributor(
  transaction: Transaction<Schema>,
  repository: number,
  name: string,
): Promise<void> {
  const row = await transaction
    .selectFrom('distributor')
    .select('id')
    .where('repository', '=', repository)
    .where('name', '=', name)
    .executeTakeFirst()
  if (row === undefined) return
  await announceSwitches(transaction, (query) => query.where('publication.distributor', '=', row.id))
  await transaction.deleteFrom('distributor').where('id', '=', row.id).execute()
}
