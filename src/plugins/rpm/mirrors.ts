import { DeckleError } from '../../core/errors.ts'
import type { SyncEvent, SyncRun } from '../../core/importer.ts'
import type { DiscoveredFile } from '../../core/unit.ts'

type Fetch = SyncRun<unknown>['fetch']

/** Mirrors that a file is looked for on, at most. */
const most = 5

/** The folders in which one repository lies, best first. All of it is read from the first; where that fails, from the next. */
export class Mirrors {
  readonly #bases: readonly string[]

  /** URLs with a slash at their end, at least one. */
  constructor(bases: readonly string[]) {
    this.#bases = bases.slice(0, most)
  }

  /** Where else a file of the first mirror lies, itself first. What lies elsewhere is only there. */
  urlsOf(url: string): readonly string[] {
    const [first = '', ...others] = this.#bases
    if (others.length === 0 || !url.startsWith(first)) return [url]
    return [url, ...others.map((base) => base + url.slice(first.length))]
  }

  /**
   * As `fetch`, from the first mirror that has what is asked for. Throws the failure of the first mirror; one that is an answer at once,
   * without asking others.
   */
  fetching(fetch: Fetch, isAnswer: (error: DeckleError) => boolean = () => false): Fetch {
    return async (request) => {
      const failures: unknown[] = []
      for (const url of this.urlsOf(request.url)) {
        try {
          return await fetch({ ...request, url })
        } catch (error) {
          if (!(error instanceof DeckleError) || error.kind !== 'upstream' || isAnswer(error)) throw error
          failures.push(error)
        }
      }
      throw failures[0]
    }
  }

  /** The same events, with all sources of each file. */
  async *spread(events: AsyncIterable<SyncEvent>): AsyncGenerator<SyncEvent> {
    for await (const event of events) {
      if (!('units' in event) || this.#bases.length === 1) yield event
      else
        yield { units: event.units.map((unit) => ({ ...unit, files: unit.files.map((file) => this.#spread(file)) })) }
    }
  }

  #spread(file: DiscoveredFile): DiscoveredFile {
    return { ...file, urls: file.urls.flatMap((url) => this.urlsOf(url)) }
  }
}
