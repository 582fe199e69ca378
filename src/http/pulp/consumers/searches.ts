import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import type { PulpConsumer, PulpConsumerProfile, PulpLinkedBinding } from '../../../wire/pulp/consumer.ts'
import type { PulpConsumerGroup } from '../../../wire/pulp/consumer-group.ts'
import type { Call } from '../../kit/call.ts'
import { okStream, type Route } from '../../kit/route.ts'
import type { PulpSearch } from '../criteria.ts'
import type { Searchable } from '../criteria-shape.ts'
import { identity, project, routesOf } from '../searches.ts'
import { toLinkedBinding } from './binding.ts'
import { toPulpProfile } from './consumer.ts'
import { printConsumers, wantsBindings } from './consumers.ts'
import { toPulpConsumerGroup } from './groups.ts'
import { consumerCriteria } from './searchable.ts'

const plain: Searchable = { objectIds: true, options: {} }

/** The searches over consumers and what is theirs (pulp2-api §4.1, §15). */
export function consumerSearchRoutes(services: ConsumerServices): readonly Route[] {
  return [
    ...routesOf('consumers', 'PulpFoundConsumer', consumerCriteria, (search, call) =>
      searchConsumers(services, search, call),
    ),
    ...routesOf(
      'consumers/binding',
      'PulpFoundBinding',
      plain,
      (search) => searchBindings(services, search),
      'bindings of consumers, also those that are being taken away,',
    ),
    ...routesOf(
      'consumers/profile',
      'PulpFoundProfile',
      plain,
      (search) => searchProfiles(services, search),
      'profiles of consumers',
    ),
    ...routesOf(
      'consumer_groups',
      'PulpFoundConsumerGroup',
      plain,
      (search) => searchGroups(services, search),
      'groups of consumers',
    ),
  ]
}

async function searchConsumers(services: ConsumerServices, { criteria, fields }: PulpSearch, call: Call) {
  const found = await services.searches.consumers(criteria)
  const { details, bindings } = call.body
  const wanted = call.method === 'POST' ? details === true || bindings === true : wantsBindings(call)
  const printed = printConsumers(services, found, wanted)
  return okStream(project<PulpConsumer>(printed, fields, [...identity, 'bindings']))
}

async function searchBindings(services: ConsumerServices, { criteria, fields }: PulpSearch) {
  const found = await services.searches.bindings(criteria)
  return okStream(project<PulpLinkedBinding>(found.values().map(toLinkedBinding), fields, identity))
}

async function searchProfiles(services: ConsumerServices, { criteria, fields }: PulpSearch) {
  const found = await services.searches.profiles(criteria)
  return okStream(project<PulpConsumerProfile>(found.values().map(toPulpProfile), fields, identity))
}

async function searchGroups(services: ConsumerServices, { criteria, fields }: PulpSearch) {
  const found = await services.searches.groups(criteria)
  return okStream(project<PulpConsumerGroup>(found.values().map(toPulpConsumerGroup), fields, identity))
}
