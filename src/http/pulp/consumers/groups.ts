import type { ConsumerGroup } from '../../../core/consumer.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import { createConsumerGroup, updateConsumerGroup } from '../../../operations/consumers/manage-groups.ts'
import type { PulpConsumerGroup } from '../../../wire/pulp/consumer-group.ts'
import { listOf, object, text } from '../../kit/body-fields.ts'
import { bodyShape, nested, optional } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { created, ok, okStream, type Route } from '../../kit/route.ts'
import { fromPulpSearchBody } from '../criteria.ts'
import { criteriaShape } from '../criteria-shape.ts'
import { hrefs, root } from '../hrefs.ts'
import { objectId } from '../object-id.ts'
import { consumerCriteria } from './searchable.ts'

const collection = `${root}consumer_groups/`
const single = `${collection}:group/`

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
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpConsumerGroup[]' },
      doc: 'Lists all groups of consumers.',
      handler: async () => okStream((await services.consumerGroups.list()).values().map(toPulpConsumerGroup)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newGroup,
      answers: { 201: 'PulpConsumerGroup' },
      doc: 'Creates a group of consumers.',
      handler: (call) => postGroup(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpConsumerGroup' },
      doc: 'Shows one group of consumers.',
      handler: async (call) => ok(toPulpConsumerGroup(await services.consumerGroups.get(call.param('group')))),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'optional',
      shape: groupUpdate,
      answers: { 200: 'PulpConsumerGroup' },
      doc: 'Changes the name, the description or the notes of a group of consumers.',
      handler: (call) => putGroup(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Deletes a group at once, but not its consumers.',
      handler: async (call) => {
        await services.consumerGroups.delete(call.param('group'), loginOf(call))
        return ok(null)
      },
    },
    ...memberRoutes(services),
  ]
}

/** The consumers that criteria of a body describe; all of them without criteria (pulp2-api §2.4). */
const chosenConsumers = bodyShape({
  criteria: optional(nested(criteriaShape(consumerCriteria)), { doc: 'Which consumers; all when it is absent.' }),
})

function memberRoutes(services: ConsumerServices): readonly Route[] {
  const shared = {
    method: 'POST',
    permission: 'execute',
    body: 'optional',
    shape: chosenConsumers,
    answers: { 200: 'PulpConsumerIds' },
  } as const
  return [
    {
      ...shared,
      path: `${single}actions/associate/`,
      doc: 'Puts consumers into a group; answers the ids of all that are in it.',
      handler: (call) => changeMembers(services, call, 'associate'),
    },
    {
      ...shared,
      path: `${single}actions/unassociate/`,
      doc: 'Takes consumers out of a group; answers the ids of those that stay.',
      handler: (call) => changeMembers(services, call, 'unassociate'),
    },
  ]
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

async function putGroup(services: ConsumerServices, call: Call) {
  const { display_name: displayName, ...change } = groupUpdate.read(call.body)
  const wanted = { ...change, ...(displayName !== undefined && { displayName }) }
  return ok(toPulpConsumerGroup(await updateConsumerGroup(services, call.param('group'), wanted)))
}

async function changeMembers(services: ConsumerServices, call: Call, change: 'associate' | 'unassociate') {
  const group = await services.consumerGroups.get(call.param('group'))
  chosenConsumers.read(call.body)
  const { criteria } = fromPulpSearchBody({ criteria: {}, ...call.body }, consumerCriteria)
  const found = await services.searches.consumers(criteria)
  const keys = found.map(({ key }) => key)
  return ok((await services.consumerGroups[change](group.id, keys, loginOf(call))).consumerIds)
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
