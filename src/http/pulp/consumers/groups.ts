import type { ConsumerGroup } from '../../../core/consumer.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import { createConsumerGroup, updateConsumerGroup } from '../../../operations/consumers/manage-groups.ts'
import type { PulpConsumerGroup } from '../../../wire/pulp/consumer-group.ts'
import { listOf, object, text } from '../../kit/body-fields.ts'
import { bodyShape, optional } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { created, type Route } from '../../kit/route.ts'
import { groupRoutes } from '../group-routes.ts'
import { hrefs, root } from '../hrefs.ts'
import { objectId } from '../object-id.ts'
import { consumerCriteria } from './searchable.ts'

const members = {
  display_name: optional(text),
  description: optional(text),
}

const newGroup = bodyShape(
  {
    id: optional(text, { doc: 'Unique; never changes. Must be there.' }),
    ...members,
    consumer_ids: optional(listOf(text), { doc: 'Who is in it from the start.' }),
    notes: optional(object, { doc: 'Whatever the client wants to remember.' }),
  },
  'invalid',
)

const groupUpdate = bodyShape(
  {
    ...members,
    notes: optional(object, { doc: 'Merged into those that are there: a value that is falsy removes the note.' }),
  },
  'invalid',
)

/** `/consumer_groups/` without the search, and without what is done to all consumers of a group (pulp2-api §15). */
export function consumerGroupRoutes(services: ConsumerServices): readonly Route[] {
  const { consumerGroups: groups } = services
  return groupRoutes<ConsumerGroup>({
    collection: `${root}consumer_groups/`,
    members: 'consumers',
    searchable: consumerCriteria,
    answers: { group: 'PulpConsumerGroup', created: 'PulpConsumerGroup', ids: 'PulpConsumerIds' },
    newGroup: { shape: newGroup, doc: 'Creates a group of consumers.', post: (call) => postGroup(services, call) },
    update: { shape: groupUpdate, body: 'optional', put: (call) => putGroup(services, call) },
    list: () => groups.list(),
    get: (id) => groups.get(id),
    delete: (call, id) => groups.delete(id, loginOf(call)),
    change: async (call, id, change, criteria) => {
      const keys = (await services.searches.consumers(criteria)).map(({ key }) => key)
      return (await groups[change](id, keys, loginOf(call))).consumerIds
    },
    print: toPulpConsumerGroup,
  })
}

async function postGroup(services: ConsumerServices, call: Call) {
  const read = newGroup.read(call.body)
  const wanted = {
    ...(read.id !== undefined && { id: read.id }),
    displayName: read.display_name ?? null,
    description: read.description ?? null,
    notes: read.notes ?? {},
    consumerIds: read.consumer_ids ?? [],
  }
  const printed = toPulpConsumerGroup(await createConsumerGroup(services, wanted, loginOf(call)))
  return created(printed, printed._href)
}

async function putGroup(services: ConsumerServices, call: Call): Promise<ConsumerGroup> {
  const { display_name: displayName, ...change } = groupUpdate.read(call.body)
  const wanted = { ...change, ...(displayName !== undefined && { displayName }) }
  return updateConsumerGroup(services, call.param('group'), wanted)
}

/** No consumer may call what is not its own. */
export function loginOf(call: Call): string {
  if (call.user === undefined) throw new RangeError('only users change groups')
  return call.user.login
}

export function toPulpConsumerGroup(group: ConsumerGroup): PulpConsumerGroup {
  return {
    _id: { $oid: objectId('consumerGroup', group.created, group.key) },
    _ns: 'consumer_groups',
    _href: hrefs.consumerGroup(group.id),
    id: group.id,
    display_name: group.displayName,
    description: group.description,
    notes: group.notes,
    consumer_ids: [...group.consumerIds],
    scratchpad: null,
  }
}
