import { withoutNulls } from '../../core/config-shape.ts'
import { invalid } from '../../core/errors.ts'
import { type EventListener, type EventListenerStore, eventTypes } from '../../core/event.ts'
import type { JsonObject } from '../../core/json.ts'
import { mergeConfig } from '../check-config.ts'
import { type NotifierRules, notifierSecrets, requireNotifier } from './notifier-config.ts'

export interface ListenerServices {
  readonly eventListeners: EventListenerStore
  readonly notifierRules: NotifierRules
}

export interface WantedListener {
  readonly notifierType: string
  readonly config: JsonObject
  readonly eventTypes: readonly string[]
}

/** Throws kind `invalid` with `notifier_type_id`, `notifier_config` or `event_types`. */
export async function createListener(services: ListenerServices, wanted: WantedListener): Promise<EventListener> {
  const config = withoutNulls(wanted.config)
  requireNotifier(services.notifierRules, wanted.notifierType, config)
  return services.eventListeners.create({ ...wanted, config, eventTypes: knownTypes(wanted.eventTypes) })
}

/** The config is merged, the types are replaced. */
export async function updateListener(
  services: ListenerServices,
  listener: EventListener,
  change: { readonly config?: JsonObject; readonly eventTypes?: readonly string[] },
): Promise<EventListener> {
  const config = change.config && mergeConfig(listener.config, change.config, notifierSecrets)
  if (config !== undefined) requireNotifier(services.notifierRules, listener.notifierType, config)
  return services.eventListeners.update(listener.key, {
    ...(config !== undefined && { config }),
    ...(change.eventTypes !== undefined && { eventTypes: knownTypes(change.eventTypes) }),
  })
}

function knownTypes(types: readonly string[]): readonly string[] {
  const known: readonly string[] = [...eventTypes, '*']
  const unknown = types.filter((type) => !known.includes(type))
  if (types.length > 0 && unknown.length === 0) return [...new Set(types)]
  throw invalid(`event_types must be some of ${known.join(', ')}`, ['event_types'])
}
