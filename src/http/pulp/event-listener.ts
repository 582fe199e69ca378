import type { EventDelivery, EventListener, EventMessage } from '../../core/event.ts'
import { type JsonObject, toJsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import { maskSecrets } from '../../core/secrets.ts'
import type { Task } from '../../core/task.ts'
import { notifierSecrets } from '../../operations/events/notifier-config.ts'
import type { PulpEventListener } from '../../wire/pulp/event-listener.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'
import { toPulpTask } from './task-report.ts'
import { toPulpTaskResult } from './task-result.ts'

/** pulp2-api §13; the password masked. */
export function toPulpEventListener(listener: EventListener): PulpEventListener {
  const id = eventListenerId(listener)
  return {
    _id: { $oid: id },
    _ns: 'event_listeners',
    _href: hrefs.eventListener(id),
    id,
    notifier_type_id: listener.notifierType,
    notifier_config: maskSecrets(listener.config, notifierSecrets),
    event_types: [...listener.eventTypes],
  }
}

export function eventListenerId({ created, key }: Pick<EventListener, 'created' | 'key'>): string {
  return objectId('eventListener', created, key)
}

/** What listeners are told: the start of a run, or the entry that its history has of its end. */
export function toPulpEventMessage({ event }: EventDelivery, task: Task | undefined, plugins: Plugins): EventMessage {
  const message = {
    event_type: event.type,
    payload: toPulpPayload(event.payload, plugins),
    call_report: task === undefined ? null : toPulpTask(task, plugins),
  }
  return { type: event.type, body: toJsonObject(message) }
}

function toPulpPayload(payload: JsonObject, plugins: Plugins): unknown {
  if ('history' in payload) return toPulpTaskResult(payload, plugins)
  const { repositoryId = null, distributorId } = payload
  return { repo_id: repositoryId, ...(distributorId !== undefined && { distributor_id: distributorId }) }
}
