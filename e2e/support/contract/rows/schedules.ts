import assert from 'node:assert/strict'
import { isGone, refused, saysNothing, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { demo } from '../scenes.ts'
import {
  badValues,
  missingOwners,
  missingSchedules,
  type ScheduleKind,
  scheduled,
  schedulesPath,
} from '../schedule-scenes.ts'
import { lists, singles } from './schedule-reading.ts'

const syncs: ScheduleKind = {
  action: 'sync',
  owner: 'importer',
  sections: ['D.1.3.3', 'D.1.3.4', 'D.1.3.5', 'D.1.3.6', 'D.1.3.7'],
}
const publishes: ScheduleKind = {
  action: 'publish',
  owner: 'distributor',
  sections: ['D.1.4.2', 'D.1.4.3', 'D.1.4.4', 'D.1.4.5', 'D.1.4.6'],
}

/** D.1.3.3 to D.1.3.7 and D.1.4.2 to D.1.4.6. */
export const schedules: readonly Operation[] = [syncs, publishes].flatMap(rowsOf)

const changed = { schedule: 'P2D', failure_threshold: 2, enabled: false }

function rowsOf(kind: ScheduleKind): Operation[] {
  const [add, change, remove, list, one] = kind.sections
  return [
    { section: add, method: 'POST', does: `Schedule a ${kind.action}`, cases: additions(kind) },
    {
      section: change,
      method: 'PUT',
      does: `Update a scheduled ${kind.action}`,
      rights: ['create', 'update'],
      decided: ['§0.7'],
      cases: changes(kind),
    },
    { section: remove, method: 'DELETE', does: `Delete a scheduled ${kind.action}`, cases: removals(kind) },
    { section: list, method: 'GET', does: `List the schedules of ${kind.action}`, cases: lists(kind) },
    { section: one, method: 'GET', does: `Retrieve a scheduled ${kind.action}`, cases: singles(kind) },
  ]
}

function additions(kind: ScheduleKind): Case[] {
  const sentence = kind.action === 'sync' ? { by: '§0.15' as const } : {}
  return [
    {
      status: 201,
      when: 'as in the sample',
      sample: true,
      ...sentence,
      arrange: async (world) => ({ at: await demo(world) }),
      like: {},
      check: ({ answer, wanted }) => {
        const { repo_id, [`${kind.owner}_id`]: owner } = wanted.at ?? {}
        assert.equal(valueAt(answer.body, 'resource'), `pulp:${kind.owner}:${repo_id}:${owner}`)
        assert.equal(valueAt(answer.body, 'failure_threshold'), 3)
      },
    },
    {
      status: 201,
      when: 'with a number of runs, disabled',
      asks: ['enabled'],
      arrange: async (world) => ({ at: await demo(world), body: { schedule: 'R3/PT1H', enabled: false } }),
      check: ({ answer }) => {
        const { remaining_runs, enabled } = Object(answer.body)
        assert.deepEqual([remaining_runs, enabled], [3, false])
      },
    },
    ...badValues('schedule', async (world) => ({ at: await demo(world), body: { schedule: 'PT1H' } })),
    refused('without a schedule', 'PLP0015', async (world) => ({ at: await demo(world), body: {} }), ['schedule']),
    refused('for a body that is a list', 'PLP1015', async (world) => ({ at: await demo(world), body: [] })),
    ...missingOwners(kind, { schedule: 'PT1H' }),
  ]
}

function changes(kind: ScheduleKind): Case[] {
  return [
    {
      status: 200,
      when: 'with everything that can be changed',
      asks: ['schedule', 'override_config', 'failure_threshold', 'enabled'],
      arrange: async (world) => ({ at: await scheduled(world, kind), body: { ...changed, override_config: { a: 1 } } }),
      check: ({ answer }) => {
        const { schedule, failure_threshold, enabled } = Object(answer.body)
        assert.deepEqual({ schedule, failure_threshold, enabled }, changed)
        assert.deepEqual(valueAt(answer.body, 'kwargs', 'overrides'), { a: 1 })
      },
    },
    { status: 200, when: 'without a body', arrange: async (world) => ({ at: await scheduled(world, kind) }) },
    ...badValues('iso_schedule', async (world) => ({ at: await scheduled(world, kind), body: {} })),
    ...missingOwners(kind, {}),
    ...missingSchedules({}),
  ]
}

function removals(kind: ScheduleKind): Case[] {
  return [
    {
      status: 200,
      when: 'for a schedule, which is gone then',
      arrange: async (world) => ({ at: await scheduled(world, kind) }),
      check: async (seen, world) => {
        saysNothing(seen)
        await isGone(world, `${schedulesPath(kind, seen.wanted.at)}${seen.wanted.at?.['schedule_id']}/`)
      },
    },
    ...missingOwners(kind),
    ...missingSchedules(),
  ]
}
