import { type Selectable, sql } from 'kysely'
import type { AttachedGroupDistributor, RepositoryGroup } from '../../core/repository-group.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'

/** Ids of its repositories, as an array. */
export const repositoriesOfGroup = sql<string[]>`ARRAY(SELECT repository.name FROM repository_group_member
  JOIN repository ON repository.id = repository_group_member.repository
  WHERE repository_group_member.repository_group = repository_group.id ORDER BY repository.name)`

export function selectGroups(database: Database) {
  return database
    .selectFrom('repository_group')
    .selectAll('repository_group')
    .select(repositoriesOfGroup.as('repositories'))
}

type GroupRow = Selectable<Schema['repository_group']> & { readonly repositories: readonly string[] }

export function toGroup(row: GroupRow): RepositoryGroup {
  return {
    key: row.id,
    id: row.name,
    displayName: row.display_name,
    description: row.description,
    notes: row.notes,
    repositoryIds: row.repositories,
    scratchpad: row.scratchpad,
    created: row.created,
  }
}

export function toGroupDistributor(
  row: Selectable<Schema['group_distributor']>,
  groupId: string,
): AttachedGroupDistributor {
  return {
    key: row.id,
    groupId,
    id: row.name,
    type: row.type,
    config: row.config,
    scratchpad: row.scratchpad,
    created: row.created,
    lastPublish: row.last_publish,
  }
}
