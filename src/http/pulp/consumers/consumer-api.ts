import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import type { Route } from '../../kit/route.ts'
import { bindingRoutes } from './bindings.ts'
import { consumerRoutes } from './consumers.ts'
import { contentActionRoutes } from './content-actions.ts'
import { groupActionRoutes } from './group-actions.ts'
import { consumerGroupRoutes } from './groups.ts'
import { consumerHistoryRoutes } from './history.ts'
import { profileRoutes } from './profiles.ts'
import { consumerSearchRoutes } from './searches.ts'

/** Everything below `/consumers/` and `/consumer_groups/` but schedules and applicability (pulp2-api §15). */
export function consumerApiRoutes(services: ConsumerServices): readonly Route[] {
  return [
    ...consumerRoutes(services),
    ...profileRoutes(services),
    ...bindingRoutes(services),
    ...consumerHistoryRoutes(services),
    ...contentActionRoutes(services),
    ...consumerGroupRoutes(services),
    ...groupActionRoutes(services),
    ...consumerSearchRoutes(services),
  ]
}
