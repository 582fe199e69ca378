import assert from 'node:assert/strict'
import { anyConsumer, missingConsumer, order } from '../consumer-scenes.ts'
import { isGone, listAt, missing, refused, saysNothing, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { badValues } from '../schedule-scenes.ts'
import type { World } from '../world.ts'

const section = '§8.1'
const nothing = '0'.repeat(24)

/** pulp2-api §8.1, base C: what the agents of consumers do again and again. */
export const consumerSchedules: readonly Operation[] = ['install', 'update', 'uninstall'].flatMap(rowsOf)

function rowsOf(action: string): readonly Operation[] {
  const path = `/pulp/api/v2/consumers/<consumer_id>/schedules/content/${action}/`
  const single = `${path}<schedule_id>/`
  const what = `of consumers that ${action} units`
  return [
    { section, method: 'GET', path, does: `List the schedules ${what}`, rights: ['read'], cases: lists(action) },
    { section, method: 'POST', path, does: `Create schedules ${what}`, rights: ['create'], cases: additions() },
    {
      section,
      method: 'GET',
      path: single,
      does: `Retrieve schedules ${what}`,
      rights: ['read'],
      cases: reads(action),
    },
    {
      section,
      method: 'PUT',
      path: single,
      does: `Update schedules ${what}`,
      rights: ['create', 'update'],
      decided: ['§0.7'],
      cases: changes(action),
    },
    {
      section,
      method: 'DELETE',
      path: single,
      does: `Delete schedules ${what}`,
      rights: ['delete'],
      cases: ends(action),
    },
  ]
}

/** A schedule that begins in a far future, so that nothing of it changes by itself. */
async function scheduled(world: World, action: string) {
  const { consumer_id } = await anyConsumer(world)
  const body = { schedule: '2999-01-01T00:00:00Z/P1D', ...order }
  const made = await world.make('POST', `consumers/${consumer_id}/schedules/content/${action}/`, body)
  return { consumer_id, schedule_id: String(valueAt(made, '_id')) }
}

function lists(action: string): readonly Case[] {
  return [
    {
      status: 200,
      when: 'with what is to be done',
      arrange: async (world) => ({ at: await scheduled(world, action) }),
      check: ({ answer }) => assert.deepEqual(valueAt(answer.body, 0, 'units'), order.units),
    },
    missingConsumer('consumer_id'),
  ]
}

function additions(): readonly Case[] {
  const body = { schedule: '2999-01-01T00:00:00Z/P1D', ...order }
  return [
    {
      status: 201,
      when: 'with units and options',
      asks: ['schedule', 'units', 'options', 'failure_threshold', 'enabled'],
      arrange: async (world) => ({
        at: await anyConsumer(world),
        body: { ...body, options: { a: 1 }, failure_threshold: 3, enabled: false },
      }),
      check: ({ answer, wanted: { at } }) => {
        const { units, options, kwargs, args, enabled } = Object(answer.body)
        assert.deepEqual([units, options, args, enabled], [order.units, { a: 1 }, [at?.['consumer_id']], false])
        assert.deepEqual([kwargs.units, kwargs.options], [units, options])
      },
    },
    ...badValues('schedule', async (world) => ({ at: await anyConsumer(world), body })),
    refused(
      'without units',
      'PLP0016',
      async (world) => ({ at: await anyConsumer(world), body: { schedule: 'P1D' } }),
      ['units'],
    ),
    missingConsumer('consumer_id', { body }),
  ]
}

function reads(action: string): readonly Case[] {
  return [
    {
      status: 200,
      when: 'by its id',
      arrange: async (world) => ({ at: await scheduled(world, action) }),
      check: ({ answer, wanted: { at } }) => assert.equal(valueAt(answer.body, '_id'), at?.['schedule_id']),
    },
    ...missingOnes(),
  ]
}

function changes(action: string): readonly Case[] {
  const other = [{ type_id: 'erratum', unit_key: { id: 'E-1' } }]
  return [
    {
      status: 200,
      when: 'with other units',
      asks: ['schedule', 'units', 'options', 'failure_threshold', 'enabled'],
      arrange: async (world) => ({
        at: await scheduled(world, action),
        body: { schedule: 'P2D', units: other, options: { b: 2 }, failure_threshold: null, enabled: false },
      }),
      check: ({ answer }) => {
        const { schedule, units, options, enabled } = Object(answer.body)
        assert.deepEqual([schedule, units, options, enabled], ['P2D', other, { b: 2 }, false])
      },
    },
    {
      status: 200,
      when: 'without a body',
      arrange: async (world) => ({ at: await scheduled(world, action) }),
      check: ({ answer }) => assert.deepEqual(valueAt(answer.body, 'units'), order.units),
    },
    ...badValues('iso_schedule', async (world) => ({ at: await scheduled(world, action), body: {} })),
    ...missingOnes({ body: {} }),
  ]
}

function ends(action: string): readonly Case[] {
  return [
    {
      status: 200,
      when: 'for a schedule, which is gone then',
      arrange: async (world) => ({ at: await scheduled(world, action) }),
      check: async (seen, world) => {
        saysNothing(seen)
        const { consumer_id, schedule_id } = seen.wanted.at ?? {}
        await isGone(world, `consumers/${consumer_id}/schedules/content/${action}/${schedule_id}/`)
        const left = await world.make('GET', `consumers/${consumer_id}/schedules/content/${action}/`)
        assert.ok(listAt(left).every((one) => valueAt(one, '_id') !== schedule_id))
      },
    },
    ...missingOnes(),
  ]
}

function missingOnes(wanted: { readonly body?: unknown } = {}): readonly Case[] {
  return [
    missingConsumer('consumer_id', wanted, { schedule_id: nothing }),
    missing(
      'a schedule',
      async (world) => ({ at: { ...(await anyConsumer(world)), schedule_id: nothing }, ...wanted }),
      { schedule_id: nothing },
    ),
  ]
}
