import type { Consumer } from '../../../core/consumer.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import { consumerIdPattern, registerConsumer, updateConsumer } from '../../../operations/consumers/manage-consumers.ts'
import type { PulpConsumer } from '../../../wire/pulp/consumer.ts'
import { nullable, object, text, textLike } from '../../kit/body-fields.ts'
import { bodyShape, nested, optional, required } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { flagParameter } from '../../kit/query-shape.ts'
import { created, ok, okStream, type Route } from '../../kit/route.ts'
import { root } from '../hrefs.ts'
import { toLinkedBinding } from './binding.ts'
import { toPulpConsumer } from './consumer.ts'
import { originatorOf } from './originator.ts'

const collection = `${root}consumers/`
const single = `${collection}:consumer/`

export const bindingsQuery = {
  details: flagParameter('The same as bindings.'),
  bindings: flagParameter('Shows what each consumer is bound to.'),
}

const members = {
  description: optional(text),
  notes: optional(object, { doc: 'Whatever the client wants to remember.' }),
  rsa_pub: optional(text, { doc: 'PEM of a public key of the consumer.' }),
}

const newConsumer = bodyShape({
  id: required(textLike(consumerIdPattern), { doc: 'Unique; never changes.' }),
  display_name: optional(text, { doc: 'The id when it is absent.' }),
  ...members,
})

const consumerUpdate = bodyShape({
  delta: required(
    nested(
      bodyShape({
        ...members,
        display_name: optional(nullable(text)),
        description: optional(nullable(text)),
        notes: optional(object, { doc: 'Merged into those that are there: null removes a key.' }),
        rsa_pub: optional(nullable(text)),
      }),
    ),
    { doc: 'What changes.' },
  ),
})

/** `/consumers/` without searches and what is below a consumer (pulp2-api §15). */
export function consumerRoutes(services: ConsumerServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      query: bindingsQuery,
      answers: { 200: 'PulpConsumer[]' },
      doc: 'Lists all consumers.',
      handler: async (call) => okStream(printConsumers(services, await services.consumers.list(), wantsBindings(call))),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newConsumer,
      answers: { 201: 'PulpRegistration' },
      doc: 'Registers a consumer, and gives it a certificate that stands for it.',
      handler: (call) => postConsumer(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      query: bindingsQuery,
      answers: { 200: 'PulpConsumer' },
      doc: 'Shows one consumer.',
      handler: (call) => showConsumer(services, call),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: consumerUpdate,
      answers: { 200: 'PulpConsumer' },
      doc: 'Changes the name, the description, the notes or the public key of a consumer.',
      handler: (call) => putConsumer(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Unregisters a consumer with everything that is its own.',
      handler: async (call) => {
        await services.consumers.delete(call.param('consumer'), originatorOf(call))
        return ok(null)
      },
    },
  ]
}

/** What the query asks for. */
export function wantsBindings(call: Call): boolean {
  return call.flag('details') || call.flag('bindings')
}

/** Consumers whose bindings are read at once. */
const page = 500

export async function* printConsumers(
  services: Pick<ConsumerServices, 'bindings'>,
  consumers: readonly Consumer[],
  bindings: boolean,
): AsyncIterable<PulpConsumer> {
  if (!bindings) {
    yield* consumers.values().map(toPulpConsumer)
    return
  }
  for (let start = 0; start < consumers.length; start += page) {
    const some = consumers.slice(start, start + page)
    const bound = await services.bindings.of(some.map(({ id }) => id))
    const byConsumer = Map.groupBy(bound, ({ consumerId }) => consumerId)
    for (const consumer of some) {
      const own = byConsumer.get(consumer.id) ?? []
      yield { ...toPulpConsumer(consumer), bindings: own.map(toLinkedBinding) }
    }
  }
}

async function postConsumer(services: ConsumerServices, call: Call) {
  const { id, display_name: displayName, description, notes, rsa_pub } = newConsumer.read(call.body)
  const wanted = {
    id,
    ...(displayName !== undefined && { displayName }),
    description: description ?? null,
    notes: notes ?? {},
    publicKey: rsa_pub ?? null,
  }
  const { consumer, issued } = await registerConsumer(services, wanted, originatorOf(call))
  const printed = toPulpConsumer(consumer)
  return created({ consumer: printed, certificate: `${issued.key.trimEnd()}\n${issued.certificate}` }, printed._href)
}

async function showConsumer(services: ConsumerServices, call: Call) {
  const consumer = await services.consumers.get(call.param('consumer'))
  const [printed] = await Array.fromAsync(printConsumers(services, [consumer], wantsBindings(call)))
  return ok(printed)
}

async function putConsumer(services: ConsumerServices, call: Call) {
  const { display_name: displayName, rsa_pub: publicKey, ...change } = consumerUpdate.read(call.body).delta
  const wanted = {
    ...change,
    ...(displayName !== undefined && { displayName }),
    ...(publicKey !== undefined && { publicKey }),
  }
  return ok(toPulpConsumer(await updateConsumer(services, call.param('consumer'), wanted)))
}
