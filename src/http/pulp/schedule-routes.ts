import { notFound } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { parseRepeatingInterval } from '../../core/repeating-interval.ts'
import type { Schedule, ScheduleOwner } from '../../core/schedule.ts'
import { type Field, flag, nullable, wholeNumber } from '../kit/body-fields.ts'
import { type BodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { created, ok, type Route } from '../kit/route.ts'
import { objectIdKey } from './object-id.ts'
import { scheduleId, toPulpSchedule } from './schedule.ts'
import type { PulpServices } from './services.ts'

/** Schedules of one kind: where they are, whose they are, and what their bodies say beside the time. */
export interface SchedulePlace<Body extends TimingBody> {
  readonly collection: string
  /** What is repeated, for the API reference: `a sync`. */
  readonly what: string
  /** Name of the schema of an answer. */
  readonly answer: string
  readonly newSchedule: BodyShape<Body & { readonly schedule: string }>
  readonly change: BodyShape<Body>
  ownerOf(call: Call): Promise<ScheduleOwner>
  /** What the schedule keeps for its runs; undefined where the body says nothing of it. */
  overridesOf(body: Body, current?: Schedule): JsonObject | undefined
}

interface TimingBody {
  readonly schedule?: string
  readonly failure_threshold?: number | null
  readonly enabled?: boolean
}

/** The five calls of a kind of schedules (pulp2-api §8.1). */
export function scheduleRoutesAt<Body extends TimingBody>(
  services: PulpServices,
  place: SchedulePlace<Body>,
): readonly Route[] {
  const { collection, what, answer } = place
  const single = `${collection}:schedule/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: `${answer}[]` },
      doc: `Lists the schedules of ${what}.`,
      handler: async (call) => listSchedules(services, await place.ownerOf(call)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: place.newSchedule,
      answers: { 201: answer },
      doc: `Makes a schedule of ${what}.`,
      handler: (call) => createSchedule(services, call, place),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: answer },
      doc: `Shows a schedule of ${what}.`,
      handler: async (call) => print(services, await wanted(services, call, await place.ownerOf(call))),
    },
    {
      method: 'PUT',
      path: single,
      // The written API says create, real servers ask for update (pulp2-api §0.7).
      permission: ['create', 'update'],
      body: 'optional',
      shape: place.change,
      answers: { 200: answer },
      doc: `Changes a schedule of ${what}; a new interval is counted anew.`,
      handler: (call) => updateSchedule(services, call, place),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: `Deletes a schedule of ${what}.`,
      handler: async (call) => deleteSchedule(services, call, await place.ownerOf(call)),
    },
  ]
}

const intervalText: Field<string> = {
  schema: {
    type: 'string',
    format: 'repeating-interval',
    examples: ['PT1H', 'R6/2012-09-22T00:00:00Z/P1D', '00:00:00Z/P1DT'],
  },
  read: (value) => (typeof value === 'string' && parseRepeatingInterval(value, new Date()) ? value : undefined),
}

const intervalDoc = 'An ISO 8601 repeating interval: a duration, with or without a start and a number of runs.'

export const newInterval = required(intervalText, { doc: intervalDoc, absence: 'invalid' })
/** Real servers call it by another name where it is changed. */
export const changedInterval = optional(intervalText, { doc: intervalDoc, name: 'iso_schedule', notNull: true })

/** Of new schedules and of changes. */
export const timingMembers = {
  failure_threshold: optional(nullable(wholeNumber(1, 2 ** 31 - 1)), {
    doc: 'The schedule is disabled after so many failures in a row; null: never.',
  }),
  enabled: optional(flag, { doc: 'True when it is not said.', notNull: true }),
}

function fromPulpSchedule(body: TimingBody, overrides: JsonObject | undefined) {
  const { schedule, failure_threshold, enabled } = body
  return {
    ...(schedule !== undefined && { text: schedule }),
    ...(overrides !== undefined && { overrides }),
    ...(failure_threshold !== undefined && { failureThreshold: failure_threshold }),
    ...(enabled !== undefined && { enabled }),
  }
}

async function listSchedules(services: PulpServices, owner: ScheduleOwner) {
  const now = new Date()
  return ok((await services.schedules.list(owner)).map((schedule) => toPulpSchedule(schedule, services.plugins, now)))
}

async function createSchedule<Body extends TimingBody>(services: PulpServices, call: Call, place: SchedulePlace<Body>) {
  const body = place.newSchedule.read(call.body)
  const owner = await place.ownerOf(call)
  const wish = { ...fromPulpSchedule(body, place.overridesOf(body)), text: body.schedule }
  const printed = toPulpSchedule(await services.operations.createSchedule(owner, wish), services.plugins, new Date())
  return created(printed, printed._href)
}

async function updateSchedule<Body extends TimingBody>(services: PulpServices, call: Call, place: SchedulePlace<Body>) {
  const body = place.change.read(call.body)
  const owner = await place.ownerOf(call)
  const current = await wanted(services, call, owner)
  const change = fromPulpSchedule(body, place.overridesOf(body, current))
  return print(services, await services.operations.updateSchedule(owner, current.key, change))
}

async function deleteSchedule(services: PulpServices, call: Call, owner: ScheduleOwner) {
  const { key } = await wanted(services, call, owner)
  await services.operations.deleteSchedule(owner, key)
  return ok(null)
}

function print(services: PulpServices, schedule: Schedule) {
  return ok(toPulpSchedule(schedule, services.plugins, new Date()))
}

/** The schedule that the path names. Throws kind `not-found`, also for what is no id at all. */
async function wanted(services: PulpServices, call: Call, owner: ScheduleOwner): Promise<Schedule> {
  const id = call.param('schedule')
  const key = objectIdKey('schedule', id)
  const schedule = key === undefined ? undefined : await services.schedules.get(owner, key)
  if (schedule === undefined || scheduleId(schedule) !== id) throw notFound({ schedule_id: id })
  return schedule
}
