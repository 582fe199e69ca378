import type { Selectable, Transaction } from 'kysely'
import type { EventType } from '../core/event.ts'
import type { HistoryFilter, HistoryStore, PublishHistoryEntry, SyncHistoryEntry } from '../core/history.ts'
import { type Json, toJsonObject } from '../core/json.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { queueEvent } from './events/queue-event.ts'
import { fenced } from './fence.ts'
import { repositoryKey } from './repository-writes.ts'
import { jsonb, type Schema } from './schema.ts'

/** Sync and publish histories in PostgreSQL. */
export class PostgresHistoryStore implements HistoryStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async addSync(entry: Omit<SyncHistoryEntry, 'key'>, fence: Fence): Promise<SyncHistoryEntry> {
    return fenced(this.#database, fence, async (transaction) => {
      const repository = await repositoryKey(transaction, entry.repositoryId)
      const { importerType, added, updated, removed, result, completed } = entry
      const columns = { importer_type: importerType, added, updated, removed, ...commonColumns(entry), result }
      const row = await transaction
        .insertInto('sync_history')
        .values({ repository, task: fence.taskKey, ...columns })
        .onConflict((conflict) =>
          conflict.column('task').doUpdateSet(columns).where('sync_history.result', '<>', 'success'),
        )
        .returning('id')
        .executeTakeFirst()
      if (row === undefined) {
        const success = transaction.selectFrom('sync_history').selectAll().where('task', '=', fence.taskKey)
        return toSyncEntry(await success.executeTakeFirstOrThrow(), entry.repositoryId)
      }
      const importer = transaction.updateTable('importer').where('repository', '=', repository)
      await importer.set({ last_sync: completed }).execute()
      return told(transaction, 'repo.sync.finish', { ...entry, key: row.id }, fence)
    })
  }

  async addPublish(entry: Omit<PublishHistoryEntry, 'key'>, fence: Fence): Promise<PublishHistoryEntry> {
    return fenced(this.#database, fence, async (transaction) => {
      const { distributorId, distributorType, result } = entry
      const columns = {
        distributor: distributorId,
        distributor_type: distributorType,
        ...commonColumns(entry),
        result,
      }
      const row = await transaction
        .insertInto('publish_history')
        .values(({ selectFrom }) => ({
          repository: selectFrom('repository').select('id').where('name', '=', entry.repositoryId),
          task: fence.taskKey,
          ...columns,
        }))
        .onConflict((conflict) =>
          conflict
            .columns(['task', 'distributor'])
            .doUpdateSet(columns)
            .where('publish_history.result', '<>', 'success'),
        )
        .returning('id')
        .executeTakeFirst()
      if (row !== undefined) return told(transaction, 'repo.publish.finish', { ...entry, key: row.id }, fence)
      const success = transaction
        .selectFrom('publish_history')
        .selectAll()
        .where('task', '=', fence.taskKey)
        .where('distributor', '=', distributorId)
      return toPublishEntry(await success.executeTakeFirstOrThrow(), entry.repositoryId)
    })
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

/** Listeners hear of every end but that of a plugin that raised (pulp2-api §13). */
async function told<Entry extends SyncHistoryEntry | PublishHistoryEntry>(
  transaction: Transaction<Schema>,
  type: EventType,
  entry: Entry,
  fence: Fence,
): Promise<Entry> {
  if (entry.result !== 'error')
    await queueEvent(transaction, { type, payload: { history: toJsonObject(entry) } }, fence)
  return entry
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
  const { id, importer_type, repository: _, task: __, ...same } = row
  return { ...same, key: id, repositoryId, importerType: importer_type }
}

function toPublishEntry(row: Selectable<Schema['publish_history']>, repositoryId: string): PublishHistoryEntry {
  const { id, distributor, distributor_type, repository: _, task: __, ...same } = row
  return { ...same, key: id, repositoryId, distributorId: distributor, distributorType: distributor_type }
}
