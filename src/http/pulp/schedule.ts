import type { Plugins } from '../../core/plugin.ts'
import { nextRun, type Schedule, type ScheduleName, type ScheduleTarget } from '../../core/schedule.ts'
import { maskSecrets } from '../../core/secrets.ts'
import { overrideSecrets } from '../../operations/manage-schedules.ts'
import type { PulpSchedule } from '../../wire/pulp/schedule.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §8.1. */
export function toPulpSchedule(schedule: Schedule, plugins: Plugins, now: Date): PulpSchedule {
  const { target } = schedule
  const id = scheduleId(schedule)
  const overrides = maskSecrets(schedule.overrides, overrideSecrets(plugins, target))
  return {
    _id: id,
    _href: scheduleHref(schedule),
    schedule: schedule.text,
    ...callOf(target),
    kwargs: { overrides, scheduled_call_id: id },
    enabled: schedule.enabled,
    first_run: toPulpDate(schedule.firstRun),
    next_run: toPulpDate(nextRun(schedule, now) ?? null),
    last_run_at: toPulpDate(schedule.lastRun),
    total_run_count: schedule.totalRuns,
    remaining_runs: schedule.remainingRuns,
    failure_threshold: schedule.failureThreshold,
    consecutive_failures: schedule.consecutiveFailures,
    last_updated: schedule.lastUpdated.getTime() / 1000,
  }
}

export function scheduleId({ created, key }: Pick<Schedule, 'created' | 'key'>): string {
  return objectId('schedule', created, key)
}

export function scheduleHref(schedule: ScheduleName): string {
  const { target } = schedule
  const id = scheduleId(schedule)
  if (target.action === 'sync')
    return `${hrefs.importer(target.repositoryId, target.importerType)}schedules/sync/${id}/`
  return `${hrefs.distributor(target.repositoryId, target.distributorId)}schedules/publish/${id}/`
}

/** The call that a schedule makes, in Pulp's words. */
function callOf(target: ScheduleTarget): Pick<PulpSchedule, 'task' | 'args' | 'resource'> {
  const repository = target.repositoryId
  if (target.action === 'sync') {
    const task = 'pulp.server.tasks.repository.sync_with_auto_publish'
    return { task, args: [repository], resource: `pulp:importer:${repository}:${target.importerType}` }
  }
  const task = 'pulp.server.tasks.repository.publish'
  const distributor = target.distributorId
  return { task, args: [repository, distributor], resource: `pulp:distributor:${repository}:${distributor}` }
}
