import type { ErrorReport } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import { toPulpDistributor } from './distributor.ts'
import { toPulpPublishEntry, toPulpSyncEntry, withoutObjectId } from './history.ts'
import { toPulpImporter } from './importer.ts'

/**
 * The `result` of a task (pulp2-api §3.7). Operations leave one member that says what it is, with dates as ISO text; anything
 * else is passed on as it is.
 */
export function toPulpTaskResult(result: Json, plugins: Plugins): unknown {
  if (!isJsonObject(result)) return result
  const { history, importer, distributor } = result
  if (isJsonObject(history)) return printHistory(history)
  if (isJsonObject(importer)) return toPulpImporter(readImporter(importer), plugins)
  if (isJsonObject(distributor)) return toPulpDistributor(readDistributor(distributor), plugins)
  return result
}

function printHistory(json: JsonObject): unknown {
  if ('importerType' in json) return withoutObjectId(toPulpSyncEntry(readSyncEntry(json)))
  return withoutObjectId(toPulpPublishEntry(readPublishEntry(json)))
}

function readImporter(json: JsonObject) {
  return { ...readPart(json), lastSync: dateOrNull(json['lastSync']) }
}

function readDistributor(json: JsonObject) {
  return {
    ...readPart(json),
    id: text(json['id']),
    autoPublish: json['autoPublish'] === true,
    lastPublish: dateOrNull(json['lastPublish']),
  }
}

function readPart(json: JsonObject) {
  const { config } = json
  return {
    key: Number(json['key']),
    repositoryId: text(json['repositoryId']),
    type: text(json['type']),
    config: isJsonObject(config) ? config : {},
    scratchpad: json['scratchpad'] ?? null,
    created: date(json['created']),
    lastUpdated: date(json['lastUpdated']),
  }
}

function readSyncEntry(json: JsonObject) {
  return {
    ...readRun(json),
    importerType: text(json['importerType']),
    result: (['failed', 'canceled'] as const).find((one) => one === json['result']) ?? ('success' as const),
    added: count(json['added']),
    updated: count(json['updated']),
    removed: count(json['removed']),
  }
}

function readPublishEntry(json: JsonObject) {
  return {
    ...readRun(json),
    distributorId: text(json['distributorId']),
    distributorType: text(json['distributorType']),
    result: (['failed', 'skipped'] as const).find((one) => one === json['result']) ?? ('success' as const),
  }
}

function readRun(json: JsonObject) {
  return {
    key: Number(json['key']),
    repositoryId: text(json['repositoryId']),
    started: date(json['started']),
    completed: date(json['completed']),
    summary: json['summary'] ?? null,
    details: json['details'] ?? null,
    error: readError(json['error']),
  }
}

/** Runs that raised leave no entry, others nothing but a message. */
function readError(json: Json | undefined): ErrorReport | null {
  if (!isJsonObject(json)) return null
  return { kind: 'upstream', message: text(json['message']), details: {}, trace: null }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function count(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null
}

function date(value: Json | undefined): Date {
  return dateOrNull(value) ?? new Date(0)
}

function dateOrNull(value: Json | undefined): Date | null {
  const instant = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(instant.getTime()) ? null : instant
}
