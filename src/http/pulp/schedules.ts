import { type ScheduledPlugin, scheduleOwner } from '../../operations/manage-schedules.ts'
import { object } from '../kit/body-fields.ts'
import { bodyShape, optional } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import type { Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import { changedInterval, newInterval, scheduleRoutesAt, timingMembers } from './schedule-routes.ts'
import type { PulpServices } from './services.ts'

/** `…/importers/<id>/schedules/sync/` and `…/distributors/<id>/schedules/publish/` (pulp2-api §8.1). */
export function scheduleRoutes(services: PulpServices): readonly Route[] {
  const repository = `${root}repositories/:repository/`
  return [
    ...routesAt(services, `${repository}importers/:importer/schedules/sync/`, 'a sync', (call) => ({
      importer: call.param('importer'),
    })),
    ...routesAt(services, `${repository}distributors/:distributor/schedules/publish/`, 'a publish', (call) => ({
      distributor: call.param('distributor'),
    })),
  ]
}

const members = {
  override_config: optional(object, { doc: 'Over the config of the importer or distributor.' }),
  ...timingMembers,
}

const newSchedule = bodyShape({ schedule: newInterval, ...members }, 'unsupported')
const change = bodyShape({ schedule: changedInterval, ...members }, 'unsupported')

function routesAt(
  services: PulpServices,
  collection: string,
  what: string,
  plugin: (call: Call) => ScheduledPlugin,
): readonly Route[] {
  return scheduleRoutesAt(services, {
    collection,
    what,
    answer: 'PulpSchedule',
    newSchedule,
    change,
    ownerOf: (call) => scheduleOwner(services, call.param('repository'), plugin(call)),
    overridesOf: ({ override_config }) => override_config,
  })
}
