/** The parts of the Pulp API's answers that Deckle's own clients read (pulp2-api §3, §5, §6, §14). */

export interface StatusReport {
  readonly versions: { readonly platform_version: string }
  readonly database_connection: { readonly connected: boolean }
  readonly known_workers: readonly { readonly _id: string; readonly last_heartbeat: string }[]
}

export interface ImporterReport {
  readonly id: string
  readonly importer_type_id: string
  readonly config: Readonly<Record<string, unknown>>
  readonly last_sync: string | null
}

export interface DistributorReport {
  readonly id: string
  readonly distributor_type_id: string
  readonly config: Readonly<Record<string, unknown>>
  readonly auto_publish: boolean
  readonly last_publish: string | null
}

export interface RepositoryReport {
  readonly id: string
  readonly display_name: string | null
  readonly description: string | null
  readonly notes: Readonly<Record<string, unknown>>
  readonly content_unit_counts: Readonly<Record<string, number>>
  readonly last_unit_added: string | null
  readonly last_unit_removed: string | null
}

export interface RepositoryDetails extends RepositoryReport {
  readonly importers: readonly ImporterReport[]
  readonly distributors: readonly DistributorReport[]
}

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

export interface TaskLink {
  readonly task_id: string
}

/** The body of 202: what was queued. */
export interface CallReport {
  readonly spawned_tasks: readonly TaskLink[]
}

export interface TaskReport {
  readonly task_id: string
  readonly task_type: string | null
  readonly state: string
  readonly tags: readonly string[]
  readonly start_time: string | null
  readonly finish_time: string | null
  readonly worker_name: string | null
  readonly progress_report: Readonly<Record<string, unknown>>
  readonly result: unknown
  readonly spawned_tasks: readonly TaskLink[]
  readonly error: { readonly code?: string; readonly description?: string } | null
  readonly traceback: string | null
}

/** States that a task never leaves (pulp2-api §3.4; `timed out` is known to old clients). */
export function isComplete(task: TaskReport): boolean {
  return ['finished', 'error', 'canceled', 'skipped', 'timed out'].includes(task.state)
}
