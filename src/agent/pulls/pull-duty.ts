import type { Log } from '../../core/log.ts'
import type { AgentMessage } from '../../wire/agent/messages.ts'
import { nameOf } from '../engine/engine-image.ts'
import type { Progress } from '../engine/pull-progress.ts'
import { carryOut, type Means, type Order } from './carry-out.ts'
import { ProgressReports } from './progress-reports.ts'

type End = Extract<AgentMessage, { kind: 'end' }>

interface Pull {
  readonly order: Order
  readonly cancel: AbortController
  progress: Progress
  end: End | undefined
}

/** Of ends that a server does not acknowledge, the oldest are forgotten beyond this. */
const mostEnds = 1000

/**
 * The pulls that this host was told to do. They live longer than a connection: what happens while there is none is kept, and
 * ends are said until the server has acknowledged them.
 */
export class PullDuty {
  readonly #means: Means
  readonly #log: Log
  readonly #pulls = new Map<number, Pull>()
  readonly #onEnd: () => void
  #send: (message: AgentMessage) => void = () => undefined

  /** `onEnd` is called after each pull that ended, when the images may be others. */
  constructor(means: Means, log: Log, onEnd: () => void) {
    this.#means = means
    this.#log = log
    this.#onEnd = onEnd
  }

  /** How many are not at their end, or not acknowledged. */
  get open(): number {
    return this.#pulls.size
  }

  underWay(): { pull: number; attempt: number }[] {
    return [...this.#pulls.values()].map(({ order: { pull, attempt } }) => ({ pull, attempt }))
  }

  /** From now on messages go this way. */
  sayBy(send: (message: AgentMessage) => void): void {
    this.#send = send
    for (const pull of this.#pulls.values()) if (pull.end === undefined) this.#report(pull)
    this.sayEnds()
  }

  /** Says again what has not been acknowledged. */
  sayEnds(): void {
    for (const { end } of this.#pulls.values()) if (end !== undefined) this.#send(end)
  }

  take(order: Order): void {
    const known = this.#pulls.get(order.pull)
    if (known !== undefined && known.order.attempt >= order.attempt) {
      if (known.end !== undefined) this.#send(known.end)
      return
    }
    const progress = { bytes: null, totalBytes: null, layers: [] }
    const pull: Pull = { order, cancel: new AbortController(), progress, end: undefined }
    this.#pulls.set(order.pull, pull)
    void this.#run(pull)
    // The new attempt has joined the engine's pull by now, if there is one, so it goes on.
    known?.cancel.abort()
  }

  cancel(pull: number): void {
    this.#pulls.get(pull)?.cancel.abort()
  }

  acknowledged(key: number, attempt: number): void {
    const pull = this.#pulls.get(key)
    if (pull?.end !== undefined && pull.order.attempt === attempt) this.#pulls.delete(key)
  }

  /** Aborts all of them, without a word. */
  stop(): void {
    this.#send = () => undefined
    for (const { cancel } of this.#pulls.values()) cancel.abort()
  }

  async #run(pull: Pull): Promise<void> {
    const { order, cancel } = pull
    const log = this.#log.with({ pull: order.pull, image: nameOf(order) })
    log.info('pull begun', { attempt: order.attempt })
    const reports = new ProgressReports()
    const over = new AbortController()
    const onProgress = (progress: Progress) => {
      pull.progress = progress
      reports.news()
    }
    void reports.run(() => this.#report(pull), this.#means.clock, over.signal)
    const ending = await carryOut(order, this.#means, onProgress, cancel.signal)
    over.abort()
    log.info('pull ended', ending)
    this.#ended(pull, { kind: 'end', pull: order.pull, attempt: order.attempt, ...ending })
  }

  #ended(pull: Pull, end: End): void {
    // A later attempt has taken its place.
    if (this.#pulls.get(end.pull) !== pull) return
    pull.end = end
    this.#report(pull)
    this.#send(end)
    this.#forget()
    this.#onEnd()
  }

  #report({ order: { pull, attempt }, progress }: Pull): void {
    this.#send({ kind: 'progress', pull, attempt, ...progress, layers: [...progress.layers] })
  }

  #forget(): void {
    const ended = [...this.#pulls.values()].filter(({ end }) => end !== undefined)
    for (const { order } of ended.slice(0, -mostEnds)) this.#pulls.delete(order.pull)
  }
}
