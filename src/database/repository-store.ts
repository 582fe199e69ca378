import { sql } from 'kysely'
import { DeckleError, notFound } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type {
  Confirm,
  NewDistributor,
  NewRepository,
  Repository,
  RepositoryChange,
  RepositoryDetails,
  RepositoryDistributor,
  RepositoryImporter,
  RepositoryStore,
} from '../core/repository.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { fenced } from './fence.ts'
import { inheritSources } from './files/inherit-sources.ts'
import { sqlState, uniqueViolation } from './postgres-errors.ts'
import { announceSwitches } from './publication-switch.ts'
import { selectRepositories, toDistributor, toImporter, toRepository } from './repository-rows.ts'
import {
  deleteDistributor,
  insertDistributor,
  insertImporter,
  insertRepository,
  repositoryKey,
} from './repository-writes.ts'
import { jsonb } from './schema.ts'

/** Repositories, importers and distributors in PostgreSQL. */
export class PostgresRepositoryStore implements RepositoryStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(
    repository: NewRepository,
    importer: { type: string; config: JsonObject } | undefined,
    distributors: readonly NewDistributor[],
    confirm?: Confirm,
  ): Promise<Repository> {
    try {
      return await this.#database.transaction().execute(async (transaction) => {
        const row = await insertRepository(transaction, repository)
        if (importer !== undefined) await insertImporter(transaction, row.id, importer.type, importer.config)
        for (const distributor of distributors) await insertDistributor(transaction, row.id, distributor)
        await confirm?.()
        return toRepository({ ...row, counts: {} })
      })
    } catch (error) {
      if (sqlState(error) !== uniqueViolation) throw error
      throw new DeckleError('conflict', `A repository with the id ${repository.id} already exists`, {
        resources: { repository: repository.id },
      })
    }
  }

  async get(id: string): Promise<Repository> {
    const row = await selectRepositories(this.#database).where('repository.name', '=', id).executeTakeFirst()
    if (row === undefined) throw notFound({ repository: id })
    return toRepository(row)
  }

  async list(): Promise<readonly Repository[]> {
    return (await selectRepositories(this.#database).orderBy('repository.name').execute()).map(toRepository)
  }

  async details(ids?: readonly string[]): Promise<readonly RepositoryDetails[]> {
    const query = selectRepositories(this.#database).orderBy('repository.name')
    const rows = await (ids === undefined ? query : query.where('repository.name', 'in', [...ids, ''])).execute()
    const keys = [0, ...rows.map((row) => row.id)]
    const importers = await this.#database.selectFrom('importer').selectAll().where('repository', 'in', keys).execute()
    const distributors = await this.#database
      .selectFrom('distributor')
      .selectAll()
      .where('repository', 'in', keys)
      .orderBy('name')
      .execute()
    const importersOf = Map.groupBy(importers, (row) => row.repository)
    const distributorsOf = Map.groupBy(distributors, (row) => row.repository)
    return rows.map((row) => ({
      repository: toRepository(row),
      importers: (importersOf.get(row.id) ?? []).map((importer) => toImporter(importer, row.name)),
      distributors: (distributorsOf.get(row.id) ?? []).map((distributor) => toDistributor(distributor, row.name)),
    }))
  }

  async update(id: string, change: RepositoryChange): Promise<Repository> {
    const columns = {
      ...(change.displayName !== undefined && { display_name: change.displayName }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.notes !== undefined && { notes: jsonb(change.notes) }),
      ...(change.scratchpad !== undefined && { scratchpad: jsonb(change.scratchpad) }),
      ...(change.retainVersions !== undefined && { retain_versions: change.retainVersions }),
    }
    if (Object.keys(columns).length > 0) {
      await this.#database.updateTable('repository').set(columns).where('name', '=', id).execute()
    }
    return this.get(id)
  }

  async delete(id: string, fence: Fence): Promise<void> {
    await fenced(this.#database, fence, async (transaction) => {
      const key = await repositoryKey(transaction, id)
      await announceSwitches(transaction, (query) => query.where('publication.repository', '=', key))
      await inheritSources(transaction, key)
      await transaction.deleteFrom('membership').where('repository', '=', key).execute()
      await transaction.deleteFrom('repository').where('id', '=', key).execute()
    })
  }

  async countLocallyStored(id: string, types?: readonly string[]): Promise<number> {
    const ofTypes =
      types === undefined ? sql`` : sql`AND type IN (SELECT id FROM content_type WHERE name = ANY (${types}::text[]))`
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM membership JOIN repository ON repository.id = membership.repository
      WHERE repository.name = ${id} AND (removed_in IS NULL OR removed_in > latest) AND added_in <= latest
        ${ofTypes} AND NOT EXISTS (
        SELECT FROM unit_file JOIN file ON file.id = unit_file.file LEFT JOIN blob ON blob.sha256 = file.sha256
          AND blob.stored_at IS NOT NULL
        WHERE unit_file.unit = membership.unit AND blob.sha256 IS NULL)`.execute(this.#database)
    return rows[0]?.count ?? 0
  }

  async importer(repositoryId: string): Promise<RepositoryImporter | undefined> {
    const row = await this.#database
      .selectFrom('importer')
      .selectAll('importer')
      .innerJoin('repository', 'repository.id', 'importer.repository')
      .where('repository.name', '=', repositoryId)
      .executeTakeFirst()
    return row === undefined ? undefined : toImporter(row, repositoryId)
  }

  async setImporter(
    repositoryId: string,
    type: string,
    config: JsonObject,
    fence: Fence,
    confirm?: Confirm,
  ): Promise<RepositoryImporter> {
    return fenced(this.#database, fence, async (transaction) => {
      const key = await repositoryKey(transaction, repositoryId)
      await inheritSources(transaction, key)
      await transaction.deleteFrom('importer').where('repository', '=', key).execute()
      const row = await insertImporter(transaction, key, type, config)
      await confirm?.()
      return toImporter(row, repositoryId)
    })
  }

  async updateImporter(repositoryId: string, config: JsonObject, fence?: Fence): Promise<RepositoryImporter> {
    const row = await fenced(this.#database, fence, (transaction) =>
      transaction
        .updateTable('importer')
        .from('repository')
        .set({ config: jsonb(config), last_updated: sql`now()` })
        .whereRef('repository.id', '=', 'importer.repository')
        .where('repository.name', '=', repositoryId)
        .returningAll('importer')
        .executeTakeFirst(),
    )
    if (row === undefined) throw notFound({ repo_id: repositoryId })
    return toImporter(row, repositoryId)
  }

  async removeImporter(repositoryId: string, fence: Fence): Promise<void> {
    await fenced(this.#database, fence, async (transaction) => {
      const key = await repositoryKey(transaction, repositoryId)
      await inheritSources(transaction, key)
      await transaction.deleteFrom('importer').where('repository', '=', key).execute()
    })
  }

  async distributor(repositoryId: string, id: string): Promise<RepositoryDistributor> {
    const row = await this.#database
      .selectFrom('distributor')
      .selectAll('distributor')
      .innerJoin('repository', 'repository.id', 'distributor.repository')
      .where('repository.name', '=', repositoryId)
      .where('distributor.name', '=', id)
      .executeTakeFirst()
    if (row === undefined) throw notFound({ repo_id: repositoryId, distributor_id: id })
    return toDistributor(row, repositoryId)
  }

  async distributors(repositoryId: string): Promise<readonly RepositoryDistributor[]> {
    const rows = await this.#database
      .selectFrom('distributor')
      .selectAll('distributor')
      .innerJoin('repository', 'repository.id', 'distributor.repository')
      .where('repository.name', '=', repositoryId)
      .orderBy('distributor.name')
      .execute()
    return rows.map((row) => toDistributor(row, repositoryId))
  }

  async distributorsOfTypes(distributorTypes: readonly string[]): Promise<readonly RepositoryDistributor[]> {
    const rows = await this.#database
      .selectFrom('distributor')
      .innerJoin('repository', 'repository.id', 'distributor.repository')
      .selectAll('distributor')
      .select('repository.name as repository_name')
      .where('distributor.type', 'in', [...distributorTypes, ''])
      .execute()
    return rows.map((row) => toDistributor(row, row.repository_name))
  }

  async setDistributor(
    repositoryId: string,
    distributor: NewDistributor,
    confirm?: Confirm,
  ): Promise<RepositoryDistributor> {
    return this.#database.transaction().execute(async (transaction) => {
      const key = await repositoryKey(transaction, repositoryId)
      await deleteDistributor(transaction, key, distributor.id)
      const row = await insertDistributor(transaction, key, distributor)
      await confirm?.()
      return toDistributor(row, repositoryId)
    })
  }

  async updateDistributor(
    repositoryId: string,
    id: string,
    change: { config?: JsonObject; autoPublish?: boolean },
    fence: Fence,
  ): Promise<RepositoryDistributor> {
    const row = await fenced(this.#database, fence, (transaction) =>
      transaction
        .updateTable('distributor')
        .from('repository')
        .set({
          last_updated: sql`now()`,
          ...(change.config !== undefined && { config: jsonb(change.config) }),
          ...(change.autoPublish !== undefined && { auto_publish: change.autoPublish }),
        })
        .whereRef('repository.id', '=', 'distributor.repository')
        .where('repository.name', '=', repositoryId)
        .where('distributor.name', '=', id)
        .returningAll('distributor')
        .executeTakeFirst(),
    )
    if (row === undefined) throw notFound({ repo_id: repositoryId, distributor_id: id })
    return toDistributor(row, repositoryId)
  }

  async removeDistributor(repositoryId: string, id: string, fence?: Fence): Promise<void> {
    await fenced(this.#database, fence, async (transaction) => {
      await deleteDistributor(transaction, await repositoryKey(transaction, repositoryId), id)
    })
  }
}
