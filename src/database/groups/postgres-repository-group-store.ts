import { sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type {
  AttachedGroupDistributor,
  NewGroupDistributor,
  NewRepositoryGroup,
  RepositoryGroup,
  RepositoryGroupChange,
  RepositoryGroupStore,
} from '../../core/repository-group.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import { announceSwitches } from '../publication-switch.ts'
import { jsonb, type Schema } from '../schema.ts'
import { selectGroups, toGroup, toGroupDistributor } from './group-rows.ts'

/** Groups of repositories in PostgreSQL. */
export class PostgresRepositoryGroupStore implements RepositoryGroupStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(group: NewRepositoryGroup, distributors: readonly NewGroupDistributor[]): Promise<RepositoryGroup> {
    return this.#database.transaction().execute(async (transaction) => {
      const key = await insertGroup(transaction, group)
      await addMembers(transaction, key, await keysOf(transaction, group.repositoryIds))
      for (const distributor of distributors) await insertDistributor(transaction, key, distributor)
      return toGroup(await selectGroups(transaction).where('id', '=', key).executeTakeFirstOrThrow())
    })
  }

  async get(id: string): Promise<RepositoryGroup> {
    const row = await selectGroups(this.#database).where('repository_group.name', '=', id).executeTakeFirst()
    if (row === undefined) throw notFound({ repo_group: id })
    return toGroup(row)
  }

  async list(): Promise<readonly RepositoryGroup[]> {
    return (await selectGroups(this.#database).orderBy('repository_group.name').execute()).map(toGroup)
  }

  async update(id: string, change: RepositoryGroupChange): Promise<RepositoryGroup> {
    const columns = {
      ...(change.displayName !== undefined && { display_name: change.displayName }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.notes !== undefined && { notes: jsonb(change.notes) }),
    }
    if (Object.keys(columns).length > 0) {
      await this.#database.updateTable('repository_group').set(columns).where('name', '=', id).execute()
    }
    return this.get(id)
  }

  async delete(id: string): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const key = await groupKey(transaction, id)
      const distributors = transaction.selectFrom('group_distributor').where('repository_group', '=', key)
      await announceSwitches(transaction, (query) =>
        query.where('publication.group_distributor', 'in', distributors.select('id')),
      )
      await transaction.deleteFrom('repository_group').where('id', '=', key).execute()
    })
  }

  async associate(id: string, repositories: readonly number[]): Promise<RepositoryGroup> {
    await this.#database.transaction().execute(async (transaction) => {
      await addMembers(transaction, await groupKey(transaction, id), repositories)
    })
    return this.get(id)
  }

  async unassociate(id: string, repositories: readonly number[]): Promise<RepositoryGroup> {
    await this.#database.transaction().execute(async (transaction) => {
      const key = await groupKey(transaction, id)
      await sql`DELETE FROM repository_group_member
        WHERE repository_group = ${key} AND repository = ANY(${[...repositories]}::integer[])`.execute(transaction)
    })
    return this.get(id)
  }

  async distributor(groupId: string, id: string): Promise<AttachedGroupDistributor> {
    const row = await this.#distributors(groupId).where('group_distributor.name', '=', id).executeTakeFirst()
    if (row === undefined) throw notFound({ repo_group: groupId, distributor: id })
    return toGroupDistributor(row, groupId)
  }

  async distributors(groupId: string): Promise<readonly AttachedGroupDistributor[]> {
    await groupKey(this.#database, groupId)
    const rows = await this.#distributors(groupId).orderBy('group_distributor.name').execute()
    return rows.map((row) => toGroupDistributor(row, groupId))
  }

  async setDistributor(groupId: string, distributor: NewGroupDistributor): Promise<AttachedGroupDistributor> {
    return this.#database.transaction().execute(async (transaction) => {
      const key = await groupKey(transaction, groupId)
      await deleteDistributor(transaction, key, distributor.id)
      return toGroupDistributor(await insertDistributor(transaction, key, distributor), groupId)
    })
  }

  async configureDistributor(groupId: string, id: string, config: JsonObject): Promise<AttachedGroupDistributor> {
    const { key } = await this.distributor(groupId, id)
    const row = await this.#database
      .updateTable('group_distributor')
      .set({ config: jsonb(config) })
      .where('id', '=', key)
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) throw notFound({ repo_group: groupId, distributor: id })
    return toGroupDistributor(row, groupId)
  }

  async removeDistributor(groupId: string, id: string): Promise<void> {
    await this.distributor(groupId, id)
    await this.#database.transaction().execute(async (transaction) => {
      await deleteDistributor(transaction, await groupKey(transaction, groupId), id)
    })
  }

  async distributorsOfType(type: string): Promise<readonly AttachedGroupDistributor[]> {
    const rows = await this.#database
      .selectFrom('group_distributor')
      .innerJoin('repository_group', 'repository_group.id', 'group_distributor.repository_group')
      .selectAll('group_distributor')
      .select('repository_group.name as group_name')
      .where('group_distributor.type', '=', type)
      .execute()
    return rows.map((row) => toGroupDistributor(row, row.group_name))
  }

  async published(distributorKey: number, scratchpad: Json | undefined, fence: Fence): Promise<void> {
    const kept = scratchpad === undefined ? {} : { scratchpad: scratchpad === null ? null : jsonb(scratchpad) }
    await fenced(this.#database, fence, (transaction) =>
      transaction
        .updateTable('group_distributor')
        .set({ last_publish: sql`now()`, ...kept })
        .where('id', '=', distributorKey)
        .execute(),
    )
  }

  #distributors(groupId: string) {
    return this.#database
      .selectFrom('group_distributor')
      .innerJoin('repository_group', 'repository_group.id', 'group_distributor.repository_group')
      .selectAll('group_distributor')
      .where('repository_group.name', '=', groupId)
  }
}

async function insertGroup(transaction: Transaction<Schema>, group: NewRepositoryGroup): Promise<number> {
  const { id, displayName, description, notes } = group
  const row = await transaction
    .insertInto('repository_group')
    .values({ name: id, display_name: displayName, description, notes: jsonb(notes) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row !== undefined) return row.id
  throw new DeckleError('conflict', `A repository group with the id ${id} already exists`, {
    resources: { repo_group: id },
  })
}

/** Row ids of repositories; throws kind `not-found` that names all that are not there. */
async function keysOf(transaction: Transaction<Schema>, ids: readonly string[]): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number; name: string }>`
    SELECT id, name FROM repository WHERE name = ANY(${[...ids]}::text[])`.execute(transaction)
  const known = new Set(rows.map((row) => row.name))
  const unknown = ids.filter((id) => !known.has(id))
  if (unknown.length > 0) throw notFound({ repositories: unknown.join(', ') })
  return rows.map((row) => row.id)
}

/** Holds the repositories, so that none is deleted meanwhile. */
async function addMembers(
  transaction: Transaction<Schema>,
  group: number,
  repositories: readonly number[],
): Promise<void> {
  await sql`INSERT INTO repository_group_member (repository_group, repository)
    SELECT ${group}, id FROM (
      SELECT id FROM repository WHERE id = ANY(${[...repositories]}::integer[]) ORDER BY id FOR KEY SHARE) AS living
    ON CONFLICT DO NOTHING`.execute(transaction)
}

async function insertDistributor(transaction: Transaction<Schema>, group: number, distributor: NewGroupDistributor) {
  const { id, type, config } = distributor
  return transaction
    .insertInto('group_distributor')
    .values({ repository_group: group, name: id, type, config: jsonb(config), last_publish: null })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Takes its publications down with it. */
async function deleteDistributor(transaction: Transaction<Schema>, group: number, id: string): Promise<void> {
  const ofGroup = transaction.selectFrom('group_distributor').select('id').where('repository_group', '=', group)
  const row = await ofGroup.where('name', '=', id).executeTakeFirst()
  if (row === undefined) return
  await announceSwitches(transaction, (query) => query.where('publication.group_distributor', '=', row.id))
  await transaction.deleteFrom('group_distributor').where('id', '=', row.id).execute()
}

async function groupKey(database: Database, id: string): Promise<number> {
  const row = await database.selectFrom('repository_group').select('id').where('name', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound({ repo_group: id })
  return row.id
}
