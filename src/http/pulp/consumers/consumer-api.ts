import type { Route } from '../../kit/route.ts'
import type { PulpServices } from '../services.ts'
import { applicabilityRoutes } from './applicability.ts'
import { bindingRoutes } from './bindings.ts'
import { consumerRoutes } from './consumers.ts'
import { contentActionRoutes } from './content-actions.ts'
import { groupActionRoutes } from './group-actions.ts'
import { consumerGroupRoutes } from './groups.ts'
import { consumerHistoryRoutes } from './history.ts'
import { profileRoutes } from './profiles.ts'
import { consumerScheduleRoutes } from './schedules.ts'
import { consumerSearchRoutes } from './searches.ts'

/** Everything below `/consumers/` and `/consumer_groups/`, and what of repositories applies to consumers (pulp2-api §15). */
export function consumerApiRoutes(all: PulpServices): readonly Route[] {
  const services = all.consumers
  return [
    ...consumerRoutes(services),
    ...profileRoutes(services),
    ...bindingRoutes(services),
    ...consumerHistoryRoutes(services),
    ...contentActionRoutes(services),
    ...consumerGroupRoutes(services),
    ...groupActionRoutes(services),
    ...consumerSearchRoutes(services),
    ...consumerScheduleRoutes(all),
    ...applicabilityRoutes(all),
  ]
}
