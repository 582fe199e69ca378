import { DeckleError } from '../core/errors.ts'
import type { Spool } from '../core/spool.ts'
import type { DocumentRequest, FetchedDocument, Upstream } from '../core/upstream.ts'

const defaultDocumentBytes = 4 * 1024 ** 3

/** Fetches a metadata file into a temporary file, verified. */
export async function fetchDocument(
  upstream: Upstream,
  spool: Spool,
  request: DocumentRequest,
  signal: AbortSignal,
): Promise<FetchedDocument> {
  const limit = request.maxBytes ?? defaultDocumentBytes
  return upstream.download(
    request.url,
    (body, response) => spool.spool(limited(body, limit, request.url), request.expected ?? {}, response.url),
    signal,
  )
}

async function* limited(body: AsyncIterable<Uint8Array>, limit: number, url: string): AsyncIterable<Uint8Array> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw new DeckleError('upstream', `${url} is larger than ${limit} bytes`, { code: 'too_large' })
    yield chunk
  }
}
