import type { Kysely, Selectable } from 'kysely'
import type { Schedule, ScheduleState, ScheduleTarget } from '../../core/schedule.ts'
import { jsonb, type Schema } from '../schema.ts'

/** Schedules with the names of what they belong to. */
export function selectSchedules(database: Kysely<Schema>) {
  return database
    .selectFrom('schedule')
    .leftJoin('importer', 'importer.id', 'schedule.importer')
    .leftJoin('distributor', 'distributor.id', 'schedule.distributor')
    .innerJoin('repository', (join) =>
      join.on((eb) => eb('repository.id', '=', eb.fn.coalesce('importer.repository', 'distributor.repository'))),
    )
    .selectAll('schedule')
    .select([
      'repository.name as repository_name',
      'importer.type as importer_type',
      'distributor.name as distributor_name',
      'distributor.type as distributor_type',
    ])
}

export interface TargetNames {
  readonly repository_name: string
  readonly importer_type: string | null
  readonly distributor_name: string | null
  readonly distributor_type: string | null
}

export function toTarget(row: TargetNames): ScheduleTarget {
  const repositoryId = row.repository_name
  const { importer_type, distributor_name, distributor_type } = row
  if (importer_type !== null) return { action: 'sync', repositoryId, importerType: importer_type }
  return {
    action: 'publish',
    repositoryId,
    distributorId: distributor_name ?? '',
    distributorType: distributor_type ?? '',
  }
}

export function toSchedule(row: Selectable<Schema['schedule']> & TargetNames): Schedule {
  return {
    key: row.id,
    created: row.created,
    target: toTarget(row),
    text: row.interval_text,
    overrides: row.overrides,
    enabled: row.enabled,
    failureThreshold: row.failure_threshold,
    consecutiveFailures: row.consecutive_failures,
    firstRun: row.first_run,
    remainingRuns: row.remaining_runs,
    totalRuns: row.total_runs,
    lastRun: row.last_run,
    lastUpdated: row.last_updated,
    due: row.due,
  }
}

/** The columns of what changes. */
export function stateColumns(state: ScheduleState) {
  return {
    interval_text: state.text,
    overrides: jsonb(state.overrides),
    enabled: state.enabled,
    failure_threshold: state.failureThreshold,
    first_run: state.firstRun,
    remaining_runs: state.remainingRuns,
    due: state.due,
  }
}
