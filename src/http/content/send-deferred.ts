import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlobStore } from '../../core/blob-store.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { DeferredPublishedFile } from '../../core/publication.ts'
import type { ContentAnswer } from '../../operations/content-answer.ts'
import type { FileFetcher } from '../../operations/fetch/file-fetcher.ts'
import type { FlightProgress } from '../../operations/fetch/flight-progress.ts'
import type { ContentMeter } from './content-meter.ts'
import { asStored, type DeferredHeaders, deferredHeaders } from './deferred-headers.ts'
import { describeRequest } from './describe-request.ts'
import { EarlyBytes, wholeBytes } from './early-bytes.ts'
import { failureAnswer } from './fetch-failure.ts'
import { FlightWatch } from './flight-watch.ts'
import { GrowingAnswer } from './growing-answer.ts'
import { checkPreconditions } from './preconditions.ts'
import type { FileSender } from './send-file.ts'
import { sendUnavailable } from './send-file.ts'
import { sendText } from './send-text.ts'

/** For a part of a file up to this size a client waits until it is stored (design-notes §3). */
const rangeBytes = 8 * 1024 * 1024
const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const

export interface DeferredSenderOptions {
  readonly fetcher: Pick<FileFetcher, 'open'>
  readonly files: FileSender
  readonly blobs: BlobStore
  readonly meter: ContentMeter
  readonly log: Log
  /** As for stored files. */
  readonly stallMs?: number
}

/** One request, and what it asks for. */
export interface DeferredExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly file: DeferredPublishedFile
  /** Where the file was found. */
  readonly path: string
  /** Looks there again. */
  look(): Promise<ContentAnswer>
}

/**
 * Answers requests for a file whose bytes are not stored: has it fetched, and gives the bytes while they arrive. Nobody gets a
 * whole file that is wrong: the end is given only after the digest held.
 */
export class DeferredSender {
  readonly #options: DeferredSenderOptions

  constructor(options: DeferredSenderOptions) {
    this.#options = options
  }

  async send(exchange: DeferredExchange): Promise<void> {
    const { request, response, file, path } = exchange
    const headers = deferredHeaders(file, path)
    if (answerFromMetadata(request, response, headers)) return
    const progress = this.#options.fetcher.open(file.fileKey)
    const watch = new FlightWatch(progress, response)
    try {
      await this.#answer(exchange, headers, progress, watch)
    } catch (error) {
      if (!watch.gone) await this.#fail(exchange, error)
    } finally {
      watch.close()
    }
  }

  async #answer(
    exchange: DeferredExchange,
    headers: DeferredHeaders,
    progress: FlightProgress,
    watch: FlightWatch,
  ): Promise<void> {
    const { request, response, file, path } = exchange
    const { blobs, meter, stallMs = 60_000 } = this.#options
    // The fetch has limits of its own, and the connection is quiet meanwhile.
    response.setTimeout(0)
    const answer = new GrowingAnswer(response, { headers: headers.whole, size: file.size, stallMs, meter })
    if (!waitsForAll(request, file)) await answer.give(new EarlyBytes(blobs, progress, watch, file.size).chunks())
    await watch.end()
    if (watch.gone || progress.outcome === undefined) return
    if (progress.outcome.kind === 'failed') throw progress.outcome.error
    const { blob } = progress.outcome
    if (answer.begun) return answer.finish(blobs, blob)
    return this.#options.files.sendFetched(request, response, asStored(file, blob), path)
  }

  async #fail(exchange: DeferredExchange, error: unknown): Promise<void> {
    const { request, response } = exchange
    if (!response.headersSent && error instanceof DeckleError && error.kind === 'not-found') {
      return this.#lookAgain(exchange)
    }
    const { status, reason } = failureAnswer(error)
    const detail = error instanceof Error ? error.message : String(error)
    this.#options.log.warn('a file could not be fetched for a client', {
      ...describeRequest(request),
      status,
      reason: detail,
    })
    // A client that has got bytes sees a broken transfer, never a file that ends well.
    if (response.headersSent) response.destroy()
    else sendText(response, status, reason, status === 503 ? ['Retry-After', '60'] : [])
  }

  /** The file went meanwhile, most likely because its bytes turned out to be those of another one. */
  async #lookAgain({ request, response, path, look }: DeferredExchange): Promise<void> {
    const found = await look()
    if (found.kind === 'file') return this.#options.files.send(request, response, found.file, path)
    if (found.kind === 'deferred') return sendUnavailable(response)
    sendText(response, 404, 'Nothing is published here')
  }
}

/** What needs no bytes: conditions that the known digest decides, and HEAD. */
function answerFromMetadata(
  request: IncomingMessage,
  response: ServerResponse,
  { validators, whole }: DeferredHeaders,
): boolean {
  const state = validators === undefined ? 'proceed' : checkPreconditions(request.headers, validators)
  if (state === 'not-modified') response.writeHead(304, [...(validators?.unchanged ?? [])]).end()
  else if (state === 'failed') sendText(response, 412, 'The file is not the one that the request is about')
  else if (request.method === 'HEAD') response.writeHead(200, [...whole]).end()
  else return false
  return true
}

/**
 * Whether the answer has to wait until the file is stored: it is small, or a part of it, or a condition, needs the whole. Before
 * HTTP/1.1, as proxies speak it, the end of a body without a length cannot be told from a break.
 */
function waitsForAll({ headers, httpVersion }: IncomingMessage, { size, sha256 }: DeferredPublishedFile): boolean {
  if (sha256 === null && conditions.some((name) => headers[name] !== undefined)) return true
  if (size === null) return httpVersion !== '1.1'
  return size <= wholeBytes || (headers.range !== undefined && size <= rangeBytes)
}
