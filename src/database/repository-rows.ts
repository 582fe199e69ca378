import type { Selectable } from 'kysely'
import type { Repository, RepositoryDistributor, RepositoryImporter } from '../core/repository.ts'
import type { Database } from './connection.ts'
import type { Schema } from './schema.ts'

/** Repositories with the counts of their latest version; a repository that was never changed has no version row. */
export function selectRepositories(database: Database) {
  return database
    .selectFrom('repository')
    .leftJoin('repository_version', (join) =>
      join
        .onRef('repository_version.repository', '=', 'repository.id')
        .onRef('repository_version.number', '=', 'repository.latest'),
    )
    .selectAll('repository')
    .select('repository_version.counts')
}

export function toRepository(
  row: Selectable<Schema['repository']> & { counts: Record<string, number> | null },
): Repository {
  return {
    key: row.id,
    id: row.name,
    displayName: row.display_name,
    description: row.description,
    notes: row.notes,
    scratchpad: row.scratchpad,
    created: row.created,
    latest: row.latest,
    retainVersions: row.retain_versions,
    counts: row.counts ?? {},
    lastUnitAdded: row.last_unit_added,
    lastUnitRemoved: row.last_unit_removed,
  }
}

export function toImporter(row: Selectable<Schema['importer']>, repositoryId: string): RepositoryImporter {
  return {
    key: row.id,
    repositoryId,
    type: row.type,
    config: row.config,
    scratchpad: row.scratchpad,
    created: row.created,
    lastUpdated: row.last_updated,
    lastSync: row.last_sync,
  }
}

export function toDistributor(row: Selectable<Schema['distributor']>, repositoryId: string): RepositoryDistributor {
  return {
    key: row.id,
    repositoryId,
    id: row.name,
    type: row.type,
    config: row.config,
    autoPublish: row.auto_publish,
    scratchpad: row.scratchpad,
    created: row.created,
    lastUpdated: row.last_updated,
    lastPublish: row.last_publish,
  }
}
