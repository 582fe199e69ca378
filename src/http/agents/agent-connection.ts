import type WebSocket from 'ws'
import { parseImageName } from '../../core/image-name.ts'
import type { Resource } from '../../core/resource.ts'
import type { PullAttempt } from '../../core/rollout.ts'
import type { HostLink, PullCommand } from '../../operations/rollouts/host-link.ts'
import type { RolloutEngine } from '../../operations/rollouts/rollout-engine.ts'
import type { AgentMessage, ServerMessage } from '../../wire/agent/messages.ts'
import { printOrder } from './print-order.ts'
import { readAgentMessage } from './read-agent-message.ts'

export interface AgentConnectionOptions {
  readonly engine: Pick<RolloutEngine, 'connect' | 'disconnect' | 'report' | 'end' | 'images'>
  /** An agent says `alive` so often; one that misses two is cut off. */
  readonly aliveSeconds: number
  /** Id of a host, as the API spells it. */
  readonly hostId: (key: number) => string
}

/** Bytes that an agent has not taken; beyond, it is taken for dead. */
const mostUnsent = 4 * 1024 ** 2
/** Ends that are not stored yet; an agent has no more (it forgets the oldest). */
const mostUnstored = 2000

/** One connection of a host's agent. Messages are worked on in their order; while one takes time, no more are read. */
export class AgentConnection implements HostLink {
  readonly #options: AgentConnectionOptions
  readonly #socket: WebSocket
  readonly #host: Resource
  readonly #silence: NodeJS.Timeout
  readonly #unstored = new Set<string>()
  #greeted = false
  #queued = 0
  #working: Promise<void> = Promise.resolve()

  constructor(socket: WebSocket, host: Resource, options: AgentConnectionOptions) {
    this.#socket = socket
    this.#host = host
    this.#options = options
    this.#silence = setTimeout(() => socket.terminate(), options.aliveSeconds * 2500)
    socket.on('message', (data, isBinary) => this.#hear(isBinary ? '' : String(data)))
    socket.on('ping', () => this.#silence.refresh())
    // What failed is told by `close`, which follows.
    socket.on('error', () => undefined)
    socket.on('close', () => void this.#closed())
  }

  pull(command: PullCommand): boolean {
    return this.#send(printOrder(command))
  }

  cancel(pull: number): void {
    this.#send({ kind: 'cancel', pull })
  }

  acknowledge({ pull, attempt }: PullAttempt): void {
    this.#unstored.delete(`${pull}/${attempt}`)
    this.#send({ kind: 'ack', pull, attempt })
  }

  close(reason: string): void {
    this.#socket.close(1001, reason)
    // An agent that is gone does not say good-bye.
    setTimeout(() => this.#socket.terminate(), 2000).unref()
  }

  #hear(text: string): void {
    this.#silence.refresh()
    const message = readAgentMessage(text)
    if (message === undefined) return
    if (this.#greeted && this.#queued === 0 && message.kind !== 'images') this.#take(message)
    else this.#queue(message)
  }

  #queue(message: AgentMessage): void {
    this.#socket.pause()
    this.#queued++
    this.#working = this.#working
      .then(() => this.#work(message))
      .catch(() => this.#socket.close(1011, 'the server cannot serve this host at the moment'))
      .finally(() => {
        this.#queued--
        if (this.#queued === 0) this.#socket.resume()
      })
  }

  /** What the database is asked for. */
  async #work(message: AgentMessage): Promise<void> {
    const { engine, aliveSeconds, hostId } = this.#options
    if (message.kind === 'images') {
      await engine.images(
        this.#host.key,
        message.images.flatMap(({ names }) => names.flatMap(fullName)),
      )
    } else if (message.kind === 'hello' && !this.#greeted) {
      const { hostname, name, labels, engine: container, version, pulls } = message
      const info = { engine: container, agentVersion: version }
      this.#send({ kind: 'welcome', host: hostId(this.#host.key), aliveSeconds })
      await engine.connect(this.#host, this, { hostname, ...(name && { name }), labels, info, pulls })
      this.#greeted = true
    } else this.#take(message)
  }

  #take(message: AgentMessage): void {
    const { engine } = this.#options
    const host = this.#host.key
    if (message.kind === 'progress') {
      const { pull, attempt, bytes, totalBytes, layers } = message
      const known = { ...(bytes !== null && { bytes }), ...(totalBytes !== null && { totalBytes }) }
      engine.report({ host, pull, attempt, ...known, layers })
    } else if (message.kind === 'end') {
      const { kind, ...end } = message
      this.#unstored.add(`${end.pull}/${end.attempt}`)
      if (this.#unstored.size > mostUnstored) this.#socket.close(1008, 'too many ends at once')
      else engine.end({ host, ...end }, this)
    }
  }

  #send(message: ServerMessage): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false
    if (this.#socket.bufferedAmount > mostUnsent) {
      this.#socket.terminate()
      return false
    }
    this.#socket.send(JSON.stringify(message))
    return true
  }

  async #closed(): Promise<void> {
    clearTimeout(this.#silence)
    await this.#working
    await this.#options.engine.disconnect(this.#host.key, this)
  }
}

/** Engines have names of images that no registry would take; those are nobody's. */
function fullName(name: string): string[] {
  const parsed = parseImageName(name)
  return parsed === undefined ? [] : [parsed.fullName]
}
