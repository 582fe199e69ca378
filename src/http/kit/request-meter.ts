const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'other'] as const
const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** Upper bounds of the buckets that durations are counted in, seconds. */
export const durationBounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60] as const

export interface RequestCount {
  readonly method: (typeof methods)[number]
  readonly status: (typeof statusClasses)[number]
  readonly requests: number
}

/** What nobody waited for: the client left before there was an answer (nginx's code for it). */
export const clientLeft = 499

/** Counts requests and how long they took: numbers in place, so that counting allocates nothing. */
export class RequestMeter {
  readonly #counts = new Float64Array(methods.length * statusClasses.length)
  readonly #durations = new Float64Array(durationBounds.length + 1)
  #seconds = 0

  count(method: string | undefined, status: number, milliseconds: number): void {
    const row = indexOfMethod(method) * statusClasses.length
    const column = Math.min(Math.max(Math.trunc(status / 100), 1), statusClasses.length) - 1
    add(this.#counts, row + column)
    const seconds = milliseconds / 1000
    let bucket = 0
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] ?? 0)) bucket++
    add(this.#durations, bucket)
    this.#seconds += seconds
  }

  /** Of all pairs of method and status class that were seen. */
  get requests(): readonly RequestCount[] {
    return methods.flatMap((method, row) =>
      statusClasses.flatMap((status, column) => {
        const requests = this.#counts[row * statusClasses.length + column] ?? 0
        return requests === 0 ? [] : [{ method, status, requests }]
      }),
    )
  }

  /** Requests per bucket of `durationBounds`, and one more for those that took longer; not cumulated. */
  get durations(): readonly number[] {
    return [...this.#durations]
  }

  /** Of all requests together. */
  get seconds(): number {
    return this.#seconds
  }
}

function indexOfMethod(method: string | undefined): number {
  for (let index = 0; index < methods.length - 1; index++) if (methods[index] === method) return index
  return methods.length - 1
}

function add(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}
