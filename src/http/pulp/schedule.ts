import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import { type ConsumerTarget, nextRun, type RepositoryTarget, type Schedule } from '../../core/schedule.ts'
import { maskSecrets } from '../../core/secrets.ts'
import { overrideSecrets } from '../../operations/manage-schedules.ts'
import type { PulpConsumerSchedule, PulpSchedule } from '../../wire/pulp/schedule.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §8.1. */
export function toPulpSchedule(schedule: Schedule, plugins: Plugins, now: Date): PulpSchedule | PulpConsumerSchedule {
  const { target } = schedule
  const id = scheduleId(schedule)
  const overrides = maskSecrets(schedule.overrides, overrideSecrets(plugins, target))
  return {
    _id: id,
    _href: scheduleHref(schedule),
    schedule: schedule.text,
    ...('consumerId' in target ? agentCall(target, overrides, id) : repositoryCall(target, overrides, id)),
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

export function scheduleHref(schedule: Pick<Schedule, 'key' | 'created' | 'target'>): string {
  const { target } = schedule
  const id = scheduleId(schedule)
  if ('consumerId' in target) return `${hrefs.consumer(target.consumerId)}schedules/content/${target.action}/${id}/`
  if (target.action === 'sync')
    return `${hrefs.importer(target.repositoryId, target.importerType)}schedules/sync/${id}/`
  return `${hrefs.distributor(target.repositoryId, target.distributorId)}schedules/publish/${id}/`
}

/** The call that a schedule makes, in Pulp's words. */
function repositoryCall(target: RepositoryTarget, overrides: JsonObject, id: string) {
  const kwargs = { overrides, scheduled_call_id: id }
  const repository = target.repositoryId
  if (target.action === 'sync') {
    const task = 'pulp.server.tasks.repository.sync_with_auto_publish'
    return { task, args: [repository], kwargs, resource: `pulp:importer:${repository}:${target.importerType}` }
  }
  const task = 'pulp.server.tasks.repository.publish'
  const distributor = target.distributorId
  return { task, args: [repository, distributor], kwargs, resource: `pulp:distributor:${repository}:${distributor}` }
}

/** The same for the agent of a consumer, with what it is to do once more for the eye. */
function agentCall({ action, consumerId }: ConsumerTarget, overrides: JsonObject, id: string) {
  const { units: given, options: said = {} } = overrides
  const units = Array.isArray(given) ? given.filter(isJsonObject) : []
  const options = isJsonObject(said) ? said : {}
  return {
    task: `pulp.server.tasks.consumer.${action}_content`,
    args: [consumerId],
    kwargs: { units, options, scheduled_call_id: id },
    resource: `pulp:consumer:${consumerId}`,
    units,
    options,
  }
}
