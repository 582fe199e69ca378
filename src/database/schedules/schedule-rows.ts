import { type Kysely, type Selectable, sql } from 'kysely'
import type { ContentAction } from '../../core/consumer.ts'
import type { RepositoryTarget, Schedule, ScheduleOwner, ScheduleState, ScheduleTarget } from '../../core/schedule.ts'
import { jsonb, type Schema } from '../schema.ts'

/** Schedules with the names of what they belong to. */
export function selectSchedules(database: Kysely<Schema>) {
  return database
    .selectFrom('schedule')
    .leftJoin('importer', 'importer.id', 'schedule.importer')
    .leftJoin('distributor', 'distributor.id', 'schedule.distributor')
    .leftJoin('repository', (join) =>
      join.on((eb) => eb('repository.id', '=', eb.fn.coalesce('importer.repository', 'distributor.repository'))),
    )
    .leftJoin('consumer', 'consumer.id', 'schedule.consumer')
    .selectAll('schedule')
    .select([
      'repository.name as repository_name',
      'importer.type as importer_type',
      'distributor.name as distributor_name',
      'distributor.type as distributor_type',
      'consumer.name as consumer_name',
    ])
}

/** A condition on schedules. */
export function isOf(owner: ScheduleOwner) {
  if ('importer' in owner) return sql<boolean>`schedule.importer = ${owner.importer}`
  if ('distributor' in owner) return sql<boolean>`schedule.distributor = ${owner.distributor}`
  return sql<boolean>`schedule.consumer = ${owner.consumer} AND schedule.consumer_action = ${owner.action}`
}

/** The columns of the owner. */
export function ownerColumns(owner: ScheduleOwner) {
  return 'consumer' in owner ? { consumer: owner.consumer, consumer_action: owner.action } : owner
}

export interface TargetNames {
  readonly repository_name: string
  readonly importer_type: string | null
  readonly distributor_name: string | null
  readonly distributor_type: string | null
}

interface TargetRow extends Omit<TargetNames, 'repository_name'> {
  readonly repository_name: string | null
  readonly consumer_name: string | null
  readonly consumer_action: ContentAction | null
}

function toAnyTarget(row: TargetRow): ScheduleTarget {
  const { consumer_name: consumerId, consumer_action: action } = row
  if (consumerId !== null && action !== null) return { action, consumerId }
  return toTarget({ ...row, repository_name: row.repository_name ?? '' })
}

export function toTarget(row: TargetNames): RepositoryTarget {
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

export function toSchedule(row: Selectable<Schema['schedule']> & TargetRow): Schedule {
  return {
    key: row.id,
    created: row.created,
    target: toAnyTarget(row),
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
