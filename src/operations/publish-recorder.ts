import { randomUUID } from 'node:crypto'
import type { Distributor, PublishDescription, PublishProgress } from '../core/distributor.ts'
import type { JsonObject } from '../core/json.ts'
import type { PartState } from '../core/sync-progress.ts'

interface Step {
  readonly name: string
  readonly id: string
  state: PartState
  total: number
  done: number
  entered: Partial<Record<PartState, Date>>
}

/** Shortest time between two reports while a step only advances. */
const reportEveryMs = 250

/** Gathers the steps of a publish and reports them in the distributor's own shape, under the distributor's id. */
export class PublishRecorder {
  readonly #distributor: Pick<Distributor, 'describe'>
  readonly #id: string
  readonly #report: (progress: JsonObject) => void
  readonly #steps: Step[] = []
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(distributor: Pick<Distributor, 'describe'>, id: string, report: (progress: JsonObject) => void) {
    this.#distributor = distributor
    this.#id = id
    this.#report = report
  }

  step(name: string, state: PartState, counts?: { total: number; done: number }): void {
    const step = this.#find(name)
    const entered = step.state !== state || step.entered[state] === undefined
    if (entered) step.entered = { ...step.entered, [state]: new Date() }
    step.state = state
    if (counts !== undefined) Object.assign(step, counts)
    if (entered || performance.now() - this.#reportedAt >= reportEveryMs) this.#publish('running')
  }

  /** Forgets what an attempt did that is made once more. */
  startAgain(): void {
    this.#steps.length = 0
  }

  end(state: Exclude<PublishProgress['state'], 'running'>, error?: string): PublishDescription {
    for (const step of this.#steps) {
      if (step.state === 'in-progress') step.state = state
    }
    return this.#publish(state, error)
  }

  /** The step of this name that still runs; a name may come again after it ended. */
  #find(name: string): Step {
    const last = this.#steps.findLast((step) => step.name === name)
    if (last !== undefined && (last.state === 'in-progress' || last.state === 'not-started')) return last
    const step: Step = { name, id: randomUUID(), state: 'not-started', total: 0, done: 0, entered: {} }
    this.#steps.push(step)
    return step
  }

  #publish(state: PublishProgress['state'], error?: string): PublishDescription {
    this.#reportedAt = performance.now()
    const progress = { state, steps: this.#steps, ...(error !== undefined && { error }) }
    const description = this.#distributor.describe(progress)
    this.#report({ [this.#id]: description.report })
    return description
  }
}
