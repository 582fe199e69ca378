import { missing, refused, valueAt } from './expect.ts'
import type { Case, Wanted } from './operation.ts'
import { bare, demo } from './scenes.ts'
import type { World } from './world.ts'

/** Schedules of one kind: five calls of the written API, which differ in their sections and in whose they are. */
export interface ScheduleKind {
  readonly action: 'sync' | 'publish'
  readonly owner: 'importer' | 'distributor'
  readonly sections: readonly [add: string, change: string, remove: string, list: string, one: string]
}

/** Below the root of the API. */
export function schedulesPath({ action, owner }: ScheduleKind, at: Wanted['at'] = {}): string {
  return `repositories/${at['repo_id']}/${owner}s/${at[`${owner}_id`]}/schedules/${action}/`
}

/** A schedule that begins in a far future, so that nothing of it changes by itself. */
export async function scheduled(world: World, kind: ScheduleKind): Promise<Readonly<Record<string, string>>> {
  const at = await demo(world)
  const made = await world.make('POST', schedulesPath(kind, at), { schedule: '2999-01-01T00:00:00Z/P1D' })
  return { ...at, schedule_id: String(valueAt(made, '_id')) }
}

const noSchedule = '0'.repeat(24)

/** For a repository, and for an importer or a distributor that is missing. */
export function missingOwners({ owner }: ScheduleKind, body?: unknown): Case[] {
  const sent = body === undefined ? {} : { body }
  const ids = { importer_id: 'x', distributor_id: 'x', schedule_id: noSchedule }
  const resources = (at: Wanted['at']) =>
    owner === 'importer' ? { importer_id: 'x' } : { repo_id: at?.['repo_id'], distributor_id: 'x' }
  return [
    missing('a repository', () => ({ at: { repo_id: 'missing', ...ids }, ...sent }), { repository: 'missing' }),
    missing(
      `an owner, the ${owner},`,
      async (world) => ({ at: { ...ids, ...(await bare(world)) }, ...sent }),
      resources,
    ),
  ]
}

/** For an id that is none, and for one that might be. */
export function missingSchedules(body?: unknown): Case[] {
  const sent = body === undefined ? {} : { body }
  return [noSchedule, 'no-hex'].map((schedule_id) =>
    missing(
      `a schedule, ${schedule_id},`,
      async (world) => ({ at: { ...(await demo(world)), schedule_id }, ...sent }),
      { schedule_id },
    ),
  )
}

/** Values that mean nothing; real servers call a bad schedule by another name where it is changed (pulp2-api §8.1). */
export function badValues(schedule: string, arrange: (world: World) => Promise<Wanted>): Case[] {
  const refusedValue = (name: string, value: unknown, property: string, code: string) =>
    refused(
      `for ${name} ${JSON.stringify(value)}`,
      code,
      async (world) => {
        const wanted = await arrange(world)
        return { ...wanted, body: { ...Object(wanted.body), [name]: value } }
      },
      [property],
    )
  return [
    refusedValue('schedule', 'R0/PT1H', schedule, 'PLP0015'),
    refusedValue('schedule', '2014-01-27T21:27:56Z', schedule, 'PLP0015'),
    refusedValue('failure_threshold', 0, 'failure_threshold', 'PLP0015'),
    refusedValue('enabled', 'x', 'enabled', 'PLP0015'),
    refusedValue('remaining_runs', 3, 'remaining_runs', 'PLP0017'),
  ]
}
