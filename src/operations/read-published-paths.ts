import type { PublishedContent } from '../core/publication.ts'
import type { PublishedPaths } from './published-paths.ts'

interface Batch {
  readonly done: PromiseWithResolvers<void>
  readonly wanted: Set<string>
  all: boolean
}

/** Base paths of one statement, about. */
const batchSize = 1000
/** No base path that distributors make is deeper or longer; a request for a deeper file needs no further prefixes. */
const deepest = 32
const longest = 1024

/**
 * Reads the pointers again, with one statement at a time however many requests want it: those that come while a statement runs
 * share the next one. So a flood of misses costs no more than one connection, results arrive in the order in which they were
 * true, and nobody gets an answer from before they asked.
 */
export class PublishedPathsReader {
  readonly #content: PublishedContent
  readonly #paths: PublishedPaths
  readonly #batches: Batch[] = []
  #reading = false

  constructor(content: PublishedContent, paths: PublishedPaths) {
    this.#content = content
    this.#paths = paths
  }

  /** Resolves when every base path that may cover `path` was read by a statement that began after this call. */
  reread(path: string): Promise<void> {
    const batch = this.#join()
    for (const prefix of prefixes(path)) batch.wanted.add(prefix)
    return batch.done.promise
  }

  /** The same for all base paths there are. */
  rereadAll(): Promise<void> {
    const batch = this.#join()
    batch.all = true
    return batch.done.promise
  }

  #join(): Batch {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.wanted.size < batchSize) return last
    const batch = { done: Promise.withResolvers<void>(), wanted: new Set<string>(), all: false }
    this.#batches.push(batch)
    if (!this.#reading) queueMicrotask(() => this.#readBatches())
    this.#reading = true
    return batch
  }

  async #readBatches(): Promise<void> {
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      await this.#read(batch).then(batch.done.resolve, batch.done.reject)
    }
    this.#reading = false
  }

  async #read(batch: Batch): Promise<void> {
    if (batch.all) return this.#paths.replaceAll(await this.#content.basePaths())
    const asked = [...batch.wanted]
    this.#paths.replace(asked, await this.#content.basePaths(asked))
  }
}

/** Every base path that may cover `path`. */
export function prefixes(path: string): readonly string[] {
  const found: string[] = []
  let end = path.indexOf('/', 1)
  while (end !== -1 && end <= longest && found.length < deepest) {
    found.push(path.slice(0, end))
    end = path.indexOf('/', end + 1)
  }
  return path.length <= longest && !path.endsWith('/') ? [...found, path] : found
}
