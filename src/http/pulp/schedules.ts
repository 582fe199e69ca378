import { notFound } from '../../core/errors.ts'
import { parseRepeatingInterval } from '../../core/repeating-interval.ts'
import type { Schedule, ScheduleOwner } from '../../core/schedule.ts'
import { type ScheduledPlugin, scheduleOwner } from '../../operations/manage-schedules.ts'
import { type Field, flag, nullable, object, wholeNumber } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { created, ok, type Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import { objectIdKey } from './object-id.ts'
import { scheduleId, toPulpSchedule } from './schedule.ts'
import type { PulpServices } from './services.ts'

/** `…/importers/<id>/schedules/sync/` and `…/distributors/<id>/schedules/publish/` (pulp2-api §8.1). */
export function scheduleRoutes(services: PulpServices): readonly Route[] {
  const repository = `${root}repositories/:repository/`
  return [
    ...routesAt(services, {
      collection: `${repository}importers/:importer/schedules/sync/`,
      action: 'sync',
      plugin: (call) => ({ importer: call.param('importer') }),
    }),
    ...routesAt(services, {
      collection: `${repository}distributors/:distributor/schedules/publish/`,
      action: 'publish',
      plugin: (call) => ({ distributor: call.param('distributor') }),
    }),
  ]
}

interface Place {
  readonly collection: string
  readonly action: string
  readonly plugin: (call: Call) => ScheduledPlugin
}

function routesAt(services: PulpServices, { collection, action, plugin }: Place): readonly Route[] {
  const ownerOf = (call: Call) => scheduleOwner(services, call.param('repository'), plugin(call))
  const single = `${collection}:schedule/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpSchedule[]' },
      doc: `Lists the schedules of a ${action}.`,
      handler: async (call) => listSchedules(services, await ownerOf(call)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newSchedule,
      answers: { 201: 'PulpSchedule' },
      doc: `Makes a schedule of a ${action}.`,
      handler: (call) => createSchedule(services, call, ownerOf),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpSchedule' },
      doc: `Shows a schedule of a ${action}.`,
      handler: async (call) => print(services, await wanted(services, call, await ownerOf(call))),
    },
    {
      method: 'PUT',
      path: single,
      // The written API says create, real servers ask for update (pulp2-api §0.7).
      permission: ['create', 'update'],
      body: 'optional',
      shape: scheduleChange,
      answers: { 200: 'PulpSchedule' },
      doc: `Changes a schedule of a ${action}; a new interval is counted anew.`,
      handler: (call) => updateSchedule(services, call, ownerOf),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: `Deletes a schedule of a ${action}.`,
      handler: async (call) => deleteSchedule(services, call, await ownerOf(call)),
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

const members = {
  override_config: optional(object, { doc: 'Over the config of the importer or distributor.' }),
  failure_threshold: optional(nullable(wholeNumber(1, 2 ** 31 - 1)), {
    doc: 'The schedule is disabled after so many failures in a row; null: never.',
  }),
  enabled: optional(flag, { doc: 'True when it is not said.', notNull: true }),
}

const intervalDoc = 'An ISO 8601 repeating interval: a duration, with or without a start and a number of runs.'

const newSchedule = bodyShape(
  { schedule: required(intervalText, { doc: intervalDoc, absence: 'invalid' }), ...members },
  'unsupported',
)

const scheduleChange = bodyShape(
  { schedule: optional(intervalText, { doc: intervalDoc, name: 'iso_schedule', notNull: true }), ...members },
  'unsupported',
)

type Body = ReturnType<typeof scheduleChange.read>
type OwnerOf = (call: Call) => Promise<ScheduleOwner>

function fromPulpSchedule({ schedule, override_config, failure_threshold, enabled }: Body) {
  return {
    ...(schedule !== undefined && { text: schedule }),
    ...(override_config !== undefined && { overrides: override_config }),
    ...(failure_threshold !== undefined && { failureThreshold: failure_threshold }),
    ...(enabled !== undefined && { enabled }),
  }
}

async function listSchedules(services: PulpServices, owner: ScheduleOwner) {
  const now = new Date()
  return ok((await services.schedules.list(owner)).map((schedule) => toPulpSchedule(schedule, services.plugins, now)))
}

async function createSchedule(services: PulpServices, call: Call, ownerOf: OwnerOf) {
  const body = newSchedule.read(call.body)
  const owner = await ownerOf(call)
  const wish = { ...fromPulpSchedule(body), text: body.schedule }
  const printed = toPulpSchedule(await services.operations.createSchedule(owner, wish), services.plugins, new Date())
  return created(printed, printed._href)
}

async function updateSchedule(services: PulpServices, call: Call, ownerOf: OwnerOf) {
  const change = fromPulpSchedule(scheduleChange.read(call.body))
  const owner = await ownerOf(call)
  const { key } = await wanted(services, call, owner)
  return print(services, await services.operations.updateSchedule(owner, key, change))
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
