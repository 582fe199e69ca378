import { setTimeout as pause } from 'node:timers/promises'
import type { SeededRandom } from './seeded-random.ts'

/** What a step throws that its process does not live to see. */
export class Crash extends Error {}

/** How long a step may take before the next one is let go beside it: it may be waiting for a lock of one that waits here. */
const stepMs = 2
/** How likely the same actor goes on: others must get whole transactions in between two steps of one. */
const goesOn = 0.85

/** Lets the steps of several actors go one after the other, in an order that follows from the seed. */
export class Interleaving {
  readonly #random: SeededRandom
  readonly #waiting: { readonly who: object; readonly go: () => void }[] = []
  #last: object | undefined
  #arrived = Promise.withResolvers<void>()
  /** An actor has thrown. */
  failed = false

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** Waits for its turn. Throws Crash once an actor has failed: then all of them end. */
  async turn(who: object): Promise<void> {
    if (!this.failed) {
      await new Promise<void>((go) => {
        this.#waiting.push({ who, go })
        this.#arrived.resolve()
      })
    }
    if (this.failed) throw new Crash('the run is over')
  }

  /** Runs the actors, which call `turn` before each step, to their end. Throws the first error of any of them. */
  async run(actors: readonly (() => Promise<void>)[]): Promise<void> {
    let running = actors.length
    const errors: unknown[] = []
    const lives = actors.map(async (actor) => {
      await actor().catch((error: unknown) => {
        errors.push(error)
        this.failed = true
      })
      running -= 1
      this.#arrived.resolve()
    })
    while (running > 0) await this.#step()
    await Promise.all(lives)
    if (errors.length > 0) throw errors[0]
  }

  async #step(): Promise<void> {
    this.#arrived = Promise.withResolvers<void>()
    this.#pick()?.go()
    await Promise.race([this.#arrived.promise, pause(stepMs)])
  }

  #pick() {
    const same = this.#waiting.findIndex(({ who }) => who === this.#last)
    const index =
      same >= 0 && this.#random.next() < goesOn ? same : this.#random.below(Math.max(this.#waiting.length, 1))
    const [next] = this.#waiting.splice(index, 1)
    this.#last = next?.who
    return next
  }
}

/** One process of the model: dies at a random step now and then. */
export class Actor {
  readonly #interleaving: Interleaving
  readonly #random: SeededRandom
  #stepsToLive = Number.POSITIVE_INFINITY

  constructor(interleaving: Interleaving, random: SeededRandom) {
    this.#interleaving = interleaving
    this.#random = random
  }

  /** Its next life; one in so many ends early. */
  revive(oneIn: number, withinSteps: number): void {
    const dies = this.#random.below(oneIn) === 0
    this.#stepsToLive = dies ? this.#random.below(withinSteps) : Number.POSITIVE_INFINITY
  }

  /** Before each step. Throws Crash from the one on at which it dies. */
  async step(): Promise<void> {
    await this.#interleaving.turn(this)
    this.#stepsToLive -= 1
    if (this.#stepsToLive < 0) throw new Crash('this process is dead')
  }
}
