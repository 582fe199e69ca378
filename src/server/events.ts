import { DeckleError } from '../core/errors.ts'
import type { EventMessage, Notifier } from '../core/event.ts'
import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import type { Task } from '../core/task.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { PostgresEventDeliveries } from '../database/events/postgres-event-deliveries.ts'
import { eventChannel } from '../database/events/queue-event.ts'
import { AddressRules } from '../download/address-rules.ts'
import { eventListenerId, toPulpEventMessage } from '../http/pulp/event-listener.ts'
import { systemClock } from '../operations/clock.ts'
import { EventDeliverer } from '../operations/events/deliver-events.ts'
import type { NotifierRules } from '../operations/events/notifier-config.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { version } from './version.ts'

/** Longer than an attempt of any notifier takes. */
const claimSeconds = 120

/** Starts to deliver events from a process that serves the API. New ones wake it. */
export async function startEvents(
  config: Config,
  services: Services,
  control: ControlConnection,
  log: Log,
): Promise<EventDeliverer> {
  const { plugins, tasks } = services
  const deliverer = new EventDeliverer({
    deliveries: new PostgresEventDeliveries(services.opened.database, claimSeconds),
    notifiers: notifiers(config),
    findTask: (id) => tasks.get(id).catch(unlessMissing),
    print: (delivery, task) => toPulpEventMessage(delivery, task, plugins),
    nameOf: eventListenerId,
    clock: systemClock,
    log,
    attempts: config.eventsAttempts,
    retrySeconds: config.eventsRetrySeconds,
  })
  await control.attach({
    channel: eventChannel,
    notice: () => deliverer.wake(),
    ready: () => deliverer.wake(),
  })
  deliverer.start()
  return deliverer
}

export function notifierRules(config: Config): NotifierRules {
  const rules = new AddressRules(config.upstreamAllow)
  return {
    mail: config.smtpUrl !== undefined,
    refusal: (hostname) => rules.refusalOfLiteral(hostname, false),
  }
}

/** Loaded with the first event that somebody listens to: both clients are large. */
function notifiers({ upstreamAllow: allow, smtpUrl: url, smtpFrom: from }: Config): Readonly<Record<string, Notifier>> {
  const http = lazily(async () => {
    const { HttpNotifier } = await import('../notifiers/http-notifier.ts')
    return new HttpNotifier({ allow, userAgent: `Deckle/${version}` })
  })
  if (url === undefined) return { http }
  const email = lazily(async () => {
    const { EmailNotifier } = await import('../notifiers/email-notifier.ts')
    return new EmailNotifier({ url, from })
  })
  return { http, email }
}

function lazily(load: () => Promise<Notifier>): Notifier {
  let loading: Promise<Notifier> | undefined
  return {
    async notify(config: JsonObject, message: EventMessage, signal: AbortSignal): Promise<void> {
      loading ??= load()
      await (await loading).notify(config, message, signal)
    },
  }
}

function unlessMissing(error: unknown): Task | undefined {
  if (error instanceof DeckleError && error.kind === 'not-found') return undefined
  throw error
}
