import type WebSocket from 'ws'
import type { AgentTaskName, AgentTasks } from '../../core/agent-task.ts'
import type { Json } from '../../core/json.ts'
import type { Log } from '../../core/log.ts'
import type { ConsumerServerMessage } from '../../wire/agent/consumer-messages.ts'
import type { HeardMessage } from './read-consumer-message.ts'
import { TaskDelivery } from './task-delivery.ts'

export interface ConsumerConnectionOptions {
  readonly tasks: AgentTasks
  /** Whether there is such a consumer now. */
  readonly isRegistered: (consumerId: string) => Promise<boolean>
  /** Throws kind `invalid` for what is no profile of that type. */
  readonly storeProfile: (consumerId: string, contentType: string, profile: Json) => Promise<void>
  /** An agent says `alive` so often; one that misses two is cut off. */
  readonly aliveSeconds: number
  readonly log: Log
}

/** Bytes that an agent has not taken; beyond, it is taken for dead. */
const mostUnsent = 16 * 1024 ** 2

/** One connection of a consumer's agent after its welcome. Messages are worked on one after the other. */
export class ConsumerConnection {
  readonly #options: ConsumerConnectionOptions
  readonly #socket: WebSocket
  readonly #consumer: string
  readonly #delivery: TaskDelivery
  readonly #silence: NodeJS.Timeout

  /** `known` are the tasks that the agent has already. */
  constructor(socket: WebSocket, consumer: string, known: readonly string[], options: ConsumerConnectionOptions) {
    this.#socket = socket
    this.#consumer = consumer
    this.#options = options
    this.#silence = setTimeout(() => socket.terminate(), options.aliveSeconds * 2500)
    socket.on('ping', () => this.#silence.refresh())
    socket.on('close', () => clearTimeout(this.#silence))
    this.#send({ kind: 'welcome', consumer, aliveSeconds: options.aliveSeconds })
    this.#delivery = new TaskDelivery({
      look: () => this.#look(),
      say: (message) => this.#send(message),
      failed: () => this.fail(),
      known,
    })
    this.#delivery.refresh()
  }

  /** There may be something new for the agent. */
  refresh(): void {
    this.#delivery.refresh()
  }

  /** Another connection of the same consumer has taken its place. */
  replace(): void {
    this.#socket.close(4000, 'another agent of this consumer has connected')
  }

  /** Ends it; the agent comes again. */
  fail(): void {
    this.#socket.close(1011, 'the server cannot serve this agent at the moment')
  }

  async hear(message: HeardMessage): Promise<void> {
    this.#silence.refresh()
    const { tasks, storeProfile, log } = this.#options
    if (message.kind === 'alive') await tasks.touch(this.#consumer, message.tasks)
    else if (message.kind === 'profile') {
      await storeProfile(this.#consumer, message.contentType, message.profile).catch((error: Error) =>
        log.warn('a profile was not stored', { consumer: this.#consumer, reason: error.message }),
      )
    } else if (message.kind !== 'hello') await this.#take(message)
  }

  async #take(message: Exclude<HeardMessage, { kind: 'hello' | 'alive' | 'profile' }>): Promise<void> {
    const { task } = message
    const name = { consumer: this.#consumer, task }
    const isOpen = await this.#store(name, message)
    if (message.kind === 'end') {
      this.#delivery.ended(task)
      this.#send({ kind: 'ack', task })
    } else if (!isOpen) this.#delivery.cancel(task)
  }

  #store(name: AgentTaskName, message: HeardMessage): Promise<boolean> {
    const { tasks } = this.#options
    if (message.kind === 'accepted') return tasks.accept(name)
    if (message.kind === 'started') return tasks.start(name)
    if (message.kind === 'progress') return tasks.report(name, message.report)
    if (message.kind !== 'end') return Promise.resolve(true)
    const { result, error = '' } = message
    if (result !== undefined) return tasks.end(name, { result })
    return tasks.end(name, { error: { kind: 'internal', message: error, details: {}, trace: null } })
  }

  /** Undefined once the consumer is gone, and the agent with it. */
  async #look() {
    const pending = await this.#options.tasks.pending(this.#consumer)
    if (await this.#options.isRegistered(this.#consumer)) return pending
    this.#send({ kind: 'dismissed', reason: `consumer ${this.#consumer} is not registered here any more` })
    this.#socket.close(4001, 'not registered any more')
    return undefined
  }

  #send(message: ConsumerServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > mostUnsent) this.#socket.terminate()
    else this.#socket.send(JSON.stringify(message))
  }
}
