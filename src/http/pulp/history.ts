import type { PublishHistoryEntry, SyncHistoryEntry } from '../../core/history.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { PulpPublishHistoryEntry, PulpSyncHistoryEntry } from '../../wire/pulp/history.ts'
import { toPulpDate } from './dates.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §8.3. Removals are printed as a positive number. */
export function toPulpSyncEntry(entry: SyncHistoryEntry): PulpSyncHistoryEntry {
  const id = objectId('syncHistory', entry.started, entry.key)
  return {
    _id: { $oid: id },
    id,
    _ns: 'repo_sync_results',
    repo_id: entry.repositoryId,
    importer_id: entry.importerType,
    importer_type_id: entry.importerType,
    ...toPulpOutcome(entry),
    added_count: entry.added,
    updated_count: entry.updated,
    removed_count: entry.removed,
  }
}

export function toPulpPublishEntry(entry: PublishHistoryEntry): PulpPublishHistoryEntry {
  const id = objectId('publishHistory', entry.started, entry.key)
  return {
    _id: { $oid: id },
    id,
    _ns: 'repo_publish_results',
    repo_id: entry.repositoryId,
    distributor_id: entry.distributorId,
    distributor_type_id: entry.distributorType,
    ...toPulpOutcome(entry),
  }
}

/** Without `_id`, as the result of a task (pulp2-api §3.7). */
export function withoutObjectId<Entry extends { _id?: unknown }>(entry: Entry): Omit<Entry, '_id'> {
  const { _id, ...rest } = entry
  return rest
}

function toPulpOutcome(entry: SyncHistoryEntry | PublishHistoryEntry) {
  const { error } = entry
  const raised = entry.result === 'error' && error !== null
  const message = error === null ? null : maskUrlPasswords(error.message)
  return {
    started: toPulpDate(entry.started),
    completed: toPulpDate(entry.completed),
    result: entry.result,
    summary: entry.summary,
    details: entry.details,
    error_message: message,
    exception: raised ? `${error.kind}: ${message}` : null,
    traceback: raised ? maskUrlPasswords(error.trace ?? '').split('\n') : null,
  }
}
