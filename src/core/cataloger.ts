import type { CatalogEntry } from './content-source.ts'
import type { Log } from './log.ts'
import type { DocumentRequest, FetchedDocument } from './upstream.ts'

export interface CatalogRun {
  /** Ends in a slash. */
  readonly baseUrl: string
  readonly signal: AbortSignal
  readonly log: Log
  /** Fetches a metadata file into a temporary file, verified. */
  fetch(request: DocumentRequest): Promise<FetchedDocument>
}

/** Reads which files a place has, for downloads from there (pulp2-api §9.4). */
export interface Cataloger {
  /** As content sources name it: `yum`. */
  readonly id: string
  catalog(run: CatalogRun): AsyncIterable<readonly CatalogEntry[]>
}
