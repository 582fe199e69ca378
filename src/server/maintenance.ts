import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import { PostgresMaintenanceLock } from '../database/retention/maintenance-lock.ts'
import { PostgresOldRecords } from '../database/retention/old-records.ts'
import { PostgresVersionRetention } from '../database/retention/version-retention.ts'
import { collectBlobs } from '../operations/collect-blobs.ts'
import { collectVersions } from '../operations/collect-versions.ts'
import { refreshDueSources } from '../operations/content-sources/refresh-due-sources.ts'
import { Maintenance, type MaintenanceStep } from '../operations/maintain.ts'
import { pruneRecords } from '../operations/prune-records.ts'
import type { FileUploadStore } from '../uploads/file-upload-store.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { sweepStaging } from './sweep-staging.ts'

/** Starts the housekeeping of a process that has workers. With nothing to do a round costs some look-ups in indexes. */
export function startMaintenance(config: Config, directUrl: string, services: Services, log: Log): Maintenance {
  const maintenance = new Maintenance({
    steps: maintenanceSteps(config, services, log),
    lock: new PostgresMaintenanceLock(directUrl),
    log,
    intervalMs: config.maintenanceInterval * 1000,
  })
  maintenance.start()
  return maintenance
}

function maintenanceSteps(config: Config, services: Services, log: Log): readonly MaintenanceStep[] {
  const { database } = services.opened
  const { retainVersions: keep, publicationGrace: graceSeconds, taskRetention, historyRetention } = config
  const retention = new PostgresVersionRetention(database, { keep, graceSeconds })
  const records = new PostgresOldRecords(database)
  return [
    { name: 'agent tasks', everyTicks: 1, run: () => expireTasks(services, config.consumerTaskTimeout) },
    { name: 'versions', everyTicks: 1, run: (signal) => collectVersions(retention, signal) },
    { name: 'blobs', everyTicks: 1, run: (signal) => collectBlobs(services.blobSweeper, signal) },
    pruning('tasks', 1, (limit) => records.deleteTasks(taskRetention, limit)),
    pruning('histories', 5, (limit) => records.deleteHistories(historyRetention, limit)),
    { name: 'sources', everyTicks: 1, run: () => refreshDueSources(services) },
    pruning('leases', 10, (limit) => records.deleteLeases(limit)),
    pruning('applicability', 10, (limit) => services.applicability.forget(limit)),
    { name: 'uploads', everyTicks: 10, run: () => sweepUploads(services.uploads, config.uploadsKeepSeconds) },
    { name: 'staging', everyTicks: 5, run: () => sweepStaging(config, services.blobs, log).then(() => undefined) },
  ]
}

async function sweepUploads(uploads: FileUploadStore, keepSeconds: number): Promise<JsonObject | undefined> {
  const removed = await uploads.sweep(keepSeconds)
  return removed === 0 ? undefined : { removed }
}

/** What no agent cares for ends (pulp2-api §15). */
async function expireTasks({ agentTasks }: Services, timeoutSeconds: number): Promise<JsonObject | undefined> {
  const expired = await agentTasks.expire(timeoutSeconds)
  return expired === 0 ? undefined : { expired }
}

function pruning(name: string, everyTicks: number, deleteSome: (limit: number) => Promise<number>): MaintenanceStep {
  return { name, everyTicks, run: (signal) => pruneRecords(deleteSome, signal) }
}
