import { BoundedCache } from '../../core/bounded-cache.ts'
import type { FileSource } from '../../core/deferred-file.ts'
import { DeckleError } from '../../core/errors.ts'

const remembered = 2_000
/** Failures that tell something of the whole server, not of one file. */
const ofServer = new Set(['unreachable', 'stalled', 'tls', 'bad_response'])

/** Sources that failed a moment ago; they are tried after the others, never left out. */
export class FailedSources {
  readonly #forMs: number
  readonly #failed = new BoundedCache<{ readonly at: number }>(remembered)

  constructor(forMs: number) {
    this.#forMs = forMs
  }

  note(source: FileSource, error: unknown, now = performance.now()): void {
    this.#failed.set(concernsServer(error) ? serverOf(source) : source.url, { at: now }, 1)
  }

  /** The sources in the order in which to try them. */
  sort(sources: readonly FileSource[], now = performance.now()): readonly FileSource[] {
    const late = (source: FileSource) => this.#isLate(source.url, now) || this.#isLate(serverOf(source), now)
    return [...sources.filter((source) => !late(source)), ...sources.filter(late)]
  }

  #isLate(key: string, now: number): boolean {
    const failure = this.#failed.get(key)
    return failure !== undefined && now - failure.at < this.#forMs
  }
}

function concernsServer(error: unknown): boolean {
  if (!(error instanceof DeckleError)) return false
  const { code, data } = error.details
  return ofServer.has(code ?? '') || Number(data?.['status']) >= 500
}

/** One importer may reach a server that another one does not. */
function serverOf({ importerKey, url }: FileSource): string {
  return `${importerKey} ${URL.canParse(url) ? new URL(url).origin : url}`
}
