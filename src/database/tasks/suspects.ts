import type { Fence } from '../../core/task.ts'

/** Remembers since when claims have looked dead without a break, so that one look does not decide. */
export class Suspects {
  readonly #deadForMs: number
  #since = new Map<string, number>()

  constructor(deadForMs: number) {
    this.#deadForMs = deadForMs
  }

  /** Takes note of all claims that look dead now; returns those that have for long enough. */
  convict<Claim extends Fence>(dead: readonly Claim[]): readonly Claim[] {
    const now = performance.now()
    this.#since = new Map(dead.map((claim) => [nameOf(claim), this.#since.get(nameOf(claim)) ?? now]))
    return dead.filter((claim) => now - (this.#since.get(nameOf(claim)) ?? now) >= this.#deadForMs)
  }
}

function nameOf({ taskKey, attempt }: Fence): string {
  return `${taskKey}/${attempt}`
}
