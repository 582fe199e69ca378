import type { JsonObject } from '../../core/json.ts'
import type { Log } from '../../core/log.ts'
import type { ConsumerAgentMessage } from '../../wire/agent/consumer-messages.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../message-of.ts'
import type { ServerWord } from './read-consumer-message.ts'

export type Order = Extract<ServerWord, { kind: 'task' }>
type End = Extract<ConsumerAgentMessage, { kind: 'end' }>

/** Does one task. What it could not do stands in its result; throws for what no agent can do. */
export type DoTask = (
  order: Order,
  signal: AbortSignal,
  onProgress: (report: JsonObject) => void,
) => Promise<JsonObject>

interface Held {
  readonly order: Order
  readonly cancel: AbortController
  started: boolean
  end: End | undefined
}

/** Between two reports of a task. */
const reportEveryMs = 500
/** Of ends that a server does not acknowledge, the oldest are forgotten beyond this. */
const mostEnds = 1000

/**
 * The tasks of this consumer, done one after the other in the order in which they came. They live longer than a connection: ends
 * are said until the server has acknowledged them.
 */
export class TaskDuty {
  readonly #doTask: DoTask
  readonly #clock: Clock
  readonly #log: Log
  readonly #tasks = new Map<string, Held>()
  #send: (message: ConsumerAgentMessage) => void = () => undefined
  #working: Promise<void> = Promise.resolve()

  constructor(doTask: DoTask, clock: Clock, log: Log) {
    this.#doTask = doTask
    this.#clock = clock
    this.#log = log
  }

  /** Those that are not at their end, or not acknowledged. */
  tasks(): string[] {
    return [...this.#tasks.keys()]
  }

  /** From now on messages go this way. */
  sayBy(send: (message: ConsumerAgentMessage) => void): void {
    this.#send = send
    for (const [task, { started }] of this.#tasks) send({ kind: started ? 'started' : 'accepted', task })
    this.sayEnds()
  }

  /** Says again what has not been acknowledged. */
  sayEnds(): void {
    for (const { end } of this.#tasks.values()) if (end !== undefined) this.#send(end)
  }

  take(order: Order): void {
    const { task } = order
    const known = this.#tasks.get(task)
    this.#send(known?.end ?? { kind: 'accepted', task })
    if (known !== undefined) return
    const held: Held = { order, cancel: new AbortController(), started: false, end: undefined }
    this.#tasks.set(task, held)
    this.#working = this.#working.then(() => this.#run(held))
  }

  cancel(task: string): void {
    this.#tasks.get(task)?.cancel.abort()
  }

  acknowledged(task: string): void {
    if (this.#tasks.get(task)?.end !== undefined) this.#tasks.delete(task)
  }

  /** Stops all of them without a word; resolves when the one that runs has stopped. */
  async stop(): Promise<void> {
    this.#send = () => undefined
    for (const { cancel } of this.#tasks.values()) cancel.abort()
    await this.#working
  }

  async #run(held: Held): Promise<void> {
    const { task, operation } = held.order
    if (held.cancel.signal.aborted) return this.#ended(held, { error: 'cancelled before it began' })
    const log = this.#log.with({ task, operation })
    held.started = true
    this.#send({ kind: 'started', task })
    log.info('task begun')
    const reports = this.#reports(task)
    const outcome = await this.#doTask(held.order, held.cancel.signal, reports.tell).then(
      (result) => ({ result: { ...result } }),
      (error: unknown) => ({ error: messageOf(error) }),
    )
    reports.end()
    log.info('task ended', 'error' in outcome ? outcome : { succeeded: outcome.result['succeeded'] ?? null })
    this.#ended(held, outcome)
  }

  /** Says the latest report, twice a second at most, and the last one for certain. */
  #reports(task: string): { tell(report: JsonObject): void; end(): void } {
    const over = new AbortController()
    let latest: JsonObject | undefined
    const say = () => {
      if (latest !== undefined) this.#send({ kind: 'progress', task, report: { ...latest } })
      latest = undefined
    }
    const beat = async () => {
      while (!over.signal.aborted) {
        await this.#clock.pause(reportEveryMs, over.signal)
        say()
      }
    }
    void beat()
    return {
      tell(report) {
        latest = report
      },
      end() {
        say()
        over.abort()
      },
    }
  }

  #ended(held: Held, outcome: { result: Record<string, unknown> } | { error: string }): void {
    held.end = { kind: 'end', task: held.order.task, ...outcome }
    this.#send(held.end)
    const ended = [...this.#tasks.values()].filter(({ end }) => end !== undefined)
    for (const { order } of ended.slice(0, -mostEnds)) this.#tasks.delete(order.task)
  }
}
