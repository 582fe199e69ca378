import type { IncomingMessage } from 'node:http'
import type WebSocket from 'ws'
import type { JsonObject } from '../../core/json.ts'
import type { ResourceStore } from '../../core/resource.ts'
import { pathOf } from './path-of.ts'
import { type WebSockets, webSockets } from './web-sockets.ts'

/** How somebody sees resources. */
export interface Watcher {
  /** As the event carries it; undefined for what he may not see. */
  look(key: number): Promise<{ readonly type: string; readonly id: string; readonly resource: JsonObject } | undefined>
}

export interface SubscriptionsOptions {
  readonly resources: Pick<ResourceStore, 'changes'>
  /** Throws kind `unauthenticated` or `forbidden`. */
  readonly admit: (request: IncomingMessage) => Promise<Watcher>
  /** Between two pings. Default 5 seconds. */
  readonly pingMs?: number
}

const subscribePath = /^\/v(?:1|2-beta)(?:\/projects\/[^/]+)?\/subscribe$/i
/** Changes of one resource in this time are one event. */
const gatherMs = 100
/** The close code of RFC 6455's registry for a service that restarts. */
const tryAgain = 1012
/** Bytes that a client has not taken; until it does, it is told nothing. */
const mostUnsent = 1024 ** 2
const longestMessage = 64 * 1024

/** `GET /v1/subscribe?eventNames=resource.change`: what changes, as it changes, and a ping every 5 seconds (rancher-api §4.8). */
export function subscriptions({ resources, admit, pingMs = 5_000 }: SubscriptionsOptions): WebSockets {
  return webSockets({
    isFor: (request) => subscribePath.test(pathOf(request)),
    admit,
    open: (socket, watcher, request) =>
      new Subscription(socket, watcher, wantsChanges(request)).open(resources, pingMs),
    longestMessage,
  })
}

/** Names may be repeated, or stand in a list; `resource.change;handler=ui` is one too. */
function wantsChanges({ url = '' }: IncomingMessage): boolean {
  const names = new URLSearchParams(url.split('?').slice(1).join('?')).getAll('eventNames')
  return names.some((name) => name.split(',').some((one) => one.split(';')[0]?.trim() === 'resource.change'))
}

class Subscription {
  readonly #socket: WebSocket
  readonly #watcher: Watcher
  readonly #wantsChanges: boolean
  readonly #changed = new Set<number>()
  #timer: NodeJS.Timeout | undefined

  constructor(socket: WebSocket, watcher: Watcher, wantsChanges: boolean) {
    this.#socket = socket
    this.#watcher = watcher
    this.#wantsChanges = wantsChanges
  }

  open(resources: Pick<ResourceStore, 'changes'>, pingMs: number): void {
    const unlisten = this.#wantsChanges ? resources.changes((key) => this.#note(key)) : () => undefined
    const ping = setInterval(() => this.#send('ping', {}), pingMs)
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      unlisten()
      clearInterval(ping)
      clearTimeout(this.#timer)
    })
  }

  #note(key: number | undefined): void {
    // Who reconnects looks at everything once.
    if (key === undefined) this.#socket.close(tryAgain, 'changes may have been missed')
    else this.#changed.add(key)
    this.#timer ??= setTimeout(() => void this.#tell(), gatherMs)
  }

  async #tell(): Promise<void> {
    const keys = this.#socket.bufferedAmount > mostUnsent ? [] : [...this.#changed]
    for (const key of keys) {
      this.#changed.delete(key)
      const seen = await this.#watcher.look(key).catch(() => undefined)
      if (seen === undefined) continue
      const { type, id, resource } = seen
      this.#send('resource.change', { resourceType: type, resourceId: id, data: { resource } })
    }
    const isOpen = this.#socket.readyState === this.#socket.OPEN
    this.#timer = isOpen && this.#changed.size > 0 ? setTimeout(() => void this.#tell(), gatherMs) : undefined
  }

  #send(name: string, event: JsonObject): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    // One that takes not even pings is gone.
    if (this.#socket.bufferedAmount > 4 * mostUnsent) this.#socket.terminate()
    else this.#socket.send(JSON.stringify({ name, ...event, time: Date.now() }))
  }
}
