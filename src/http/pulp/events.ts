import { notFound } from '../../core/errors.ts'
import type { EventListener } from '../../core/event.ts'
import { createListener, updateListener } from '../../operations/events/manage-listeners.ts'
import { listOf, object, text } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { created, ok, okStream, type Route } from '../kit/route.ts'
import { eventListenerId, toPulpEventListener } from './event-listener.ts'
import { root } from './hrefs.ts'
import { objectIdKey } from './object-id.ts'
import type { PulpServices } from './services.ts'

const types = 'Some of repo.sync.start, repo.sync.finish, repo.publish.start, repo.publish.finish; * for all.'

const newListener = bodyShape({
  notifier_type_id: required(text, { absence: 'invalid', doc: 'http or email.' }),
  notifier_config: optional(object, {
    doc: 'Of http: url, and username with password for Basic. Of email: subject, addresses.',
  }),
  event_types: required(listOf(text), { absence: 'invalid', doc: types }),
})

const listenerChange = bodyShape({
  notifier_config: optional(object, { doc: 'Merged into the config that is there: null removes a key.' }),
  event_types: optional(listOf(text), { doc: `Replaces those that are there. ${types}` }),
})

/** `/events/`: who is told of syncs and publishes (pulp2-api §13). */
export function eventRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}events/`
  const single = `${collection}:listener/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpEventListener[]' },
      doc: 'Lists the listeners of events; passwords are masked.',
      handler: async () => okStream((await services.eventListeners.list()).values().map(toPulpEventListener)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newListener,
      answers: { 201: 'PulpEventListener' },
      doc: 'Adds a listener, who is told by an HTTP request or a mail.',
      handler: (call) => postListener(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpEventListener' },
      doc: 'Shows one listener.',
      handler: async (call) => ok(toPulpEventListener(await findListener(services, call))),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'optional',
      shape: listenerChange,
      answers: { 200: 'PulpEventListener' },
      doc: 'Changes the config of a listener or what it is told of.',
      handler: (call) => putListener(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Removes a listener; what is on its way to it is not delivered any more.',
      handler: async (call) => {
        await services.eventListeners.remove((await findListener(services, call)).key)
        return ok(null)
      },
    },
  ]
}

async function postListener(services: PulpServices, call: Call) {
  const { notifier_type_id, notifier_config = {}, event_types } = newListener.read(call.body)
  const wanted = { notifierType: notifier_type_id, config: notifier_config, eventTypes: event_types }
  const printed = toPulpEventListener(await createListener(services, wanted))
  return created(printed, printed._href)
}

async function putListener(services: PulpServices, call: Call) {
  const listener = await findListener(services, call)
  const { notifier_config: config, event_types } = listenerChange.read(call.body)
  const change = { ...(config && { config }), ...(event_types && { eventTypes: event_types }) }
  return ok(toPulpEventListener(await updateListener(services, listener, change)))
}

async function findListener(services: PulpServices, call: Call): Promise<EventListener> {
  const id = call.param('listener')
  const key = objectIdKey('eventListener', id)
  const listener = key === undefined ? undefined : await services.eventListeners.find(key)
  if (listener === undefined || eventListenerId(listener) !== id) throw notFound({ event_listener: id })
  return listener
}
