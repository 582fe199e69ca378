import { invalid, notFound } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import { parseRepeatingInterval } from '../core/repeating-interval.ts'
import type { RepositoryStore } from '../core/repository.ts'
import {
  nextRun,
  type Schedule,
  type ScheduleOwner,
  type ScheduleState,
  type ScheduleStore,
  type ScheduleTarget,
} from '../core/schedule.ts'
import { unmaskSecrets } from '../core/secrets.ts'

export interface ScheduleServices {
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly schedules: ScheduleStore
}

/** The importer or distributor of a repository, by the id that its users know. */
export type ScheduledPlugin = { readonly importer: string } | { readonly distributor: string }

/** What users say of a schedule. */
export interface ScheduleChange {
  /** A repeating interval (pulp2-api §8.2). */
  readonly text?: string
  /** In the place of those that are there; a secret that comes back as its mask stays as it was. */
  readonly overrides?: JsonObject
  readonly enabled?: boolean
  readonly failureThreshold?: number | null
}

/** The importer or distributor as schedules know it. Throws kind `not-found`, also for an importer of another type. */
export async function scheduleOwner(
  services: Pick<ScheduleServices, 'repositories'>,
  repositoryId: string,
  plugin: ScheduledPlugin,
): Promise<ScheduleOwner> {
  await services.repositories.get(repositoryId)
  if ('distributor' in plugin) {
    return { distributor: (await services.repositories.distributor(repositoryId, plugin.distributor)).key }
  }
  const attached = await services.repositories.importer(repositoryId)
  if (attached?.type !== plugin.importer) throw notFound({ importer_id: plugin.importer })
  return { importer: attached.key }
}

/** Throws kind `invalid` for a text that is no repeating interval. */
export function createSchedule(
  services: ScheduleServices,
  owner: ScheduleOwner,
  wanted: ScheduleChange & { readonly text: string },
  now: Date,
): Promise<Schedule> {
  const { text, overrides = {}, enabled = true, failureThreshold = null } = wanted
  const timing = { ...timingOf(text, now), lastRun: null }
  const due = nextRun(timing, now) ?? null
  const { lastRun: _, ...counted } = timing
  return services.schedules.create(owner, { ...counted, overrides, enabled, failureThreshold, due })
}

/**
 * A new interval is counted anew, from its start and for as many runs as it says; what was counted so far stays (pulp2-api §8.2).
 * Runs that were missed while it was disabled are not made up for, and one that had come to its end begins again when it is
 * enabled.
 */
export function changeSchedule(
  services: ScheduleServices,
  owner: ScheduleOwner,
  key: number,
  change: ScheduleChange,
  now: Date,
): Promise<Schedule> {
  return services.schedules.update(owner, key, (current) => changed(services, current, change, now))
}

function changed(services: ScheduleServices, current: Schedule, change: ScheduleChange, now: Date): ScheduleState {
  const { overrides: sent, enabled = current.enabled, failureThreshold = current.failureThreshold } = change
  const overrides = sent && unmaskSecrets(sent, current.overrides, overrideSecrets(services.plugins, current.target))
  const timing = change.text === undefined ? current : timingOf(change.text, now)
  const revived = change.enabled === true && timing.remainingRuns === 0
  const { text, firstRun } = timing
  return {
    text,
    firstRun,
    remainingRuns: revived ? timingOf(text, now).remainingRuns : timing.remainingRuns,
    overrides: overrides ?? current.overrides,
    enabled,
    failureThreshold,
    due: keepsDue(current, change) ? current.due : (nextRun({ text, firstRun, lastRun: current.lastRun }, now) ?? null),
  }
}

/** What is due stays due, unless the change is about when it runs. */
function keepsDue(current: Schedule, change: ScheduleChange): boolean {
  return change.text === undefined && (change.enabled ?? current.enabled) === current.enabled
}

function timingOf(text: string, now: Date): Pick<ScheduleState, 'text' | 'firstRun' | 'remainingRuns'> {
  const interval = parseRepeatingInterval(text, now)
  if (interval === undefined) throw invalid(`${text} is not an ISO 8601 repeating interval such as P1D`, ['schedule'])
  return { text, firstRun: interval.first, remainingRuns: interval.runs }
}

/** Members of a schedule's overrides that are never shown. */
export function overrideSecrets(plugins: Plugins, target: ScheduleTarget): readonly string[] {
  if ('consumerId' in target) return []
  if (target.action === 'sync') return plugins.findImporter(target.importerType)?.config.secrets ?? []
  return plugins.findDistributor(target.distributorType)?.config.secrets ?? []
}
