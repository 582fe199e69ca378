import { type ContentAction, contentActions } from '../../../core/consumer.ts'
import { notFound } from '../../../core/errors.ts'
import { orderArguments } from '../../../operations/consumers/agent-tasks.ts'
import { object } from '../../kit/body-fields.ts'
import { bodyShape, optional, required } from '../../kit/body-shape.ts'
import type { Route } from '../../kit/route.ts'
import { root } from '../hrefs.ts'
import { changedInterval, newInterval, scheduleRoutesAt, timingMembers } from '../schedule-routes.ts'
import type { PulpServices } from '../services.ts'
import { namedUnits } from './content-actions.ts'

const options = optional(object, { doc: 'For the handler of the units.', notNull: true })

const newSchedule = bodyShape(
  { schedule: newInterval, units: required(namedUnits), options, ...timingMembers },
  'unsupported',
)

const change = bodyShape(
  { schedule: changedInterval, units: optional(namedUnits, { notNull: true }), options, ...timingMembers },
  'unsupported',
)

/** `/consumers/<id>/schedules/content/{install,update,uninstall}/` (pulp2-api §8.1, base C). */
export function consumerScheduleRoutes(services: PulpServices): readonly Route[] {
  return contentActions.flatMap((action) => routesOf(services, action))
}

function routesOf(services: PulpServices, action: ContentAction): readonly Route[] {
  return scheduleRoutesAt(services, {
    collection: `${root}consumers/:consumer/schedules/content/${action}/`,
    what: `what the agent of a consumer is to ${action}`,
    answer: 'PulpConsumerSchedule',
    newSchedule,
    change,
    async ownerOf(call) {
      const id = call.param('consumer')
      const consumer = await services.consumers.consumers.find(id)
      if (consumer === undefined) throw notFound({ consumer_id: id })
      return { consumer: consumer.key, action }
    },
    overridesOf: (body, current) => ({
      options: {},
      ...current?.overrides,
      ...(body.units !== undefined && { units: orderArguments({ units: body.units, options: {} })['units'] ?? [] }),
      ...(body.options !== undefined && { options: body.options }),
    }),
  })
}
