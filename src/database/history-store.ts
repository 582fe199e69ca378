import type { Selectable } from 'kysely'
import type { HistoryFilter, HistoryStore, PublishHistoryEntry, SyncHistoryEntry } from '../core/history.ts'
import type { Json } from '../core/json.ts'
import type { Database } from './connection.ts'
import { jsonb, type Schema } from './schema.ts'

/** Sync and publish histories in PostgreSQL. */
export class PostgresHistoryStore implements HistoryStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async addSync(entry: Omit<SyncHistoryEntry, 'key'>): Promise<SyncHistoryEntry> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .insertInto('sync_history')
        .values((expressions) => ({
          repository: expressions.selectFrom('repository').select('id').where('name', '=', entry.repositoryId),
          importer_type: entry.importerType,
          added: entry.added,
          updated: entry.updated,
          removed: entry.removed,
          ...commonColumns(entry),
          result: entry.result,
        }))
        .returning(['id', 'repository'])
        .executeTakeFirstOrThrow()
      await transaction
        .updateTable('importer')
        .set({ last_sync: entry.completed })
        .where('repository', '=', row.repository)
        .execute()
      return { ...entry, key: row.id }
    })
  }

  async addPublish(entry: Omit<PublishHistoryEntry, 'key'>): Promise<PublishHistoryEntry> {
    const row = await this.#database
      .insertInto('publish_history')
      .values((expressions) => ({
        repository: expressions.selectFrom('repository').select('id').where('name', '=', entry.repositoryId),
        distributor: entry.distributorId,
        distributor_type: entry.distributorType,
        ...commonColumns(entry),
        result: entry.result,
      }))
      .returning('id')
      .executeTakeFirstOrThrow()
    return { ...entry, key: row.id }
  }

  async syncs(repositoryId: string, filter: HistoryFilter): Promise<readonly SyncHistoryEntry[]> {
    let query = this.#database
      .selectFrom('sync_history')
      .innerJoin('repository', 'repository.id', 'sync_history.repository')
      .selectAll('sync_history')
      .where('repository.name', '=', repositoryId)
      .orderBy('sync_history.id', filter.sort === 'ascending' ? 'asc' : 'desc')
    if (filter.from !== undefined) query = query.where('started', '>=', filter.from)
    if (filter.to !== undefined) query = query.where('started', '<=', filter.to)
    if (filter.limit !== undefined) query = query.limit(filter.limit)
    return (await query.execute()).map((row) => toSyncEntry(row, repositoryId))
  }

  async publishes(
    repositoryId: string,
    distributorId: string,
    filter: HistoryFilter,
  ): Promise<readonly PublishHistoryEntry[]> {
    let query = this.#database
      .selectFrom('publish_history')
      .innerJoin('repository', 'repository.id', 'publish_history.repository')
      .selectAll('publish_history')
      .where('repository.name', '=', repositoryId)
      .where('distributor', '=', distributorId)
      .orderBy('publish_history.id', filter.sort === 'ascending' ? 'asc' : 'desc')
    if (filter.from !== undefined) query = query.where('started', '>=', filter.from)
    if (filter.to !== undefined) query = query.where('started', '<=', filter.to)
    if (filter.limit !== undefined) query = query.limit(filter.limit)
    return (await query.execute()).map((row) => toPublishEntry(row, repositoryId))
  }
}

type Entry = Pick<SyncHistoryEntry, 'started' | 'completed' | 'summary' | 'details' | 'error'>

function commonColumns(entry: Entry) {
  return {
    started: entry.started,
    completed: entry.completed,
    summary: jsonOrNull(entry.summary),
    details: jsonOrNull(entry.details),
    error: entry.error === null ? null : jsonb(entry.error),
  }
}

function jsonOrNull(value: Json): string | null {
  return value === null ? null : jsonb(value)
}

function toSyncEntry(row: Selectable<Schema['sync_history']>, repositoryId: string): SyncHistoryEntry {
  const { id, importer_type, repository: _, ...same } = row
  return { ...same, key: id, repositoryId, importerType: importer_type }
}

function toPublishEntry(row: Selectable<Schema['publish_history']>, repositoryId: string): PublishHistoryEntry {
  const { id, distributor, distributor_type, repository: _, ...same } = row
  return { ...same, key: id, repositoryId, distributorId: distributor, distributorType: distributor_type }
}
