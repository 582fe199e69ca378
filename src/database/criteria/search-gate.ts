/** Searches that one process runs at a time on one database: well below the connections of its pool. */
const places = 3

/** Work waits its turn when as much as may is running. */
class Gate {
  #free = places
  readonly #waiting: (() => void)[] = []

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resume) => this.#waiting.push(resume))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}

const gates = new WeakMap<object, Gate>()

/** Runs `work` as one of the few searches of `database`. */
export function atGate<Result>(database: object, work: () => Promise<Result>): Promise<Result> {
  const gate = gates.get(database) ?? new Gate()
  gates.set(database, gate)
  return gate.run(work)
}
