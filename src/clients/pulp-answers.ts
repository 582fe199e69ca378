import type { PulpCallReport } from '../wire/pulp/call-report.ts'
import type { PulpDistributor } from '../wire/pulp/distributor.ts'
import type { PulpImporter } from '../wire/pulp/importer.ts'
import type { PulpRepository } from '../wire/pulp/repository.ts'
import type { PulpRepositoryVersion, PulpUnitChange } from '../wire/pulp/repository-version.ts'
import type { PulpStatus } from '../wire/pulp/status.ts'
import type { PulpTaskReport } from '../wire/pulp/task-report.ts'

/** The parts of the Pulp API's answers that Deckle's own clients read; everything else an older server may leave out. */

export type StatusReport = Pick<PulpStatus, 'versions' | 'database_connection' | 'known_workers'>

export type ImporterReport = Pick<PulpImporter, 'id' | 'importer_type_id' | 'config' | 'last_sync'>

export type DistributorReport = Pick<
  PulpDistributor,
  'id' | 'distributor_type_id' | 'config' | 'auto_publish' | 'last_publish'
>

export type RepositoryReport = Pick<
  PulpRepository,
  'id' | 'display_name' | 'description' | 'notes' | 'content_unit_counts'
>

/** With `details=true`. */
export interface RepositoryDetails extends RepositoryReport {
  readonly importers: readonly ImporterReport[]
  readonly distributors: readonly DistributorReport[]
}

export type VersionReport = PulpRepositoryVersion

export type UnitChangeReport = Pick<PulpUnitChange, 'change' | 'type_id' | 'unit_key'>

export interface NewRepository {
  readonly id: string
  readonly display_name?: string
  readonly description?: string
  readonly notes?: Readonly<Record<string, unknown>>
  readonly importer_type_id?: string
  readonly importer_config?: Readonly<Record<string, unknown>>
  readonly distributors?: readonly NewDistributor[]
}

export interface NewDistributor {
  readonly distributor_type_id: string
  readonly distributor_id: string
  readonly distributor_config: Readonly<Record<string, unknown>>
  readonly auto_publish: boolean
}

export type OrphanCounts = Readonly<Record<string, { readonly count: number }>>

export type TaskLink = Pick<PulpCallReport['spawned_tasks'][number], 'task_id'>

/** The body of 202: what was queued. */
export interface CallReport {
  readonly spawned_tasks: readonly TaskLink[]
}

export interface TaskReport
  extends Pick<PulpTaskReport, 'task_id' | 'tags' | 'start_time' | 'finish_time' | 'progress_report' | 'result'> {
  /** Any of pulp2-api §3.4. */
  readonly state: string
  readonly waiting_reason?: string
  readonly spawned_tasks: readonly TaskLink[]
  readonly error: Pick<NonNullable<PulpTaskReport['error']>, 'code' | 'description'> | null
}

/** States that a task never leaves (pulp2-api §3.4; `timed out` is known to old clients). */
export function isComplete(task: TaskReport): boolean {
  return ['finished', 'error', 'canceled', 'skipped', 'timed out'].includes(task.state)
}
