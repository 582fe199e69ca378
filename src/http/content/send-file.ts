import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlobStore, ByteRange } from '../../core/blob-store.ts'
import type { Log } from '../../core/log.ts'
import type { PublishedFile } from '../../core/publication.ts'
import { lengthOf, type Rope, sliceRope } from '../../core/rope.ts'
import { BodyWriter } from './body-writer.ts'
import { parseRange } from './byte-range.ts'
import type { ContentMeter } from './content-meter.ts'
import { describeRequest } from './describe-request.ts'
import { type FileHeaders, fileHeaders } from './file-headers.ts'
import { type HotFileLimits, HotFiles } from './hot-files.ts'
import { chunkBytes } from './open-part.ts'
import { checkPreconditions, rangeApplies } from './preconditions.ts'
import { readWhole } from './read-whole.ts'
import { RopeReader } from './rope-reader.ts'
import { sendText } from './send-text.ts'

export interface FileSenderOptions {
  readonly blobs: BlobStore
  readonly log: Log
  readonly memory?: HotFileLimits
  /** A client that takes no byte for so long is cut off, in milliseconds. Default 60,000. */
  readonly stallMs?: number
}

interface CountedOptions extends FileSenderOptions {
  readonly meter: ContentMeter
}

/** Answers requests for one file: conditions, ranges, then bytes from memory or from blobs. */
export class FileSender {
  readonly #blobs: BlobStore
  readonly #log: Log
  readonly #hot: HotFiles
  readonly #stallMs: number
  readonly #meter: ContentMeter
  /** Goes with the facts of a file, which the resolver keeps. */
  readonly #headers = new WeakMap<PublishedFile, FileHeaders>()

  constructor(options: CountedOptions) {
    this.#blobs = options.blobs
    this.#log = options.log
    this.#meter = options.meter
    this.#hot = new HotFiles(options.blobs, options.memory)
    this.#stallMs = options.stallMs ?? 60_000
  }

  /** `path` is where the file was found. */
  async send(request: IncomingMessage, response: ServerResponse, file: PublishedFile, path: string): Promise<void> {
    return this.#send(request, response, file, path)
  }

  /** The same for a file whose bytes were not stored when the request came. */
  async sendFetched(request: IncomingMessage, response: ServerResponse, file: PublishedFile, path: string) {
    this.#headers.set(file, fileHeaders(file, path, 'MISS'))
    return this.#send(request, response, file, path)
  }

  async #send(request: IncomingMessage, response: ServerResponse, file: PublishedFile, path: string): Promise<void> {
    const headers = this.#headersOf(file, path)
    const state = checkPreconditions(request.headers, headers)
    if (state === 'not-modified') return finish(response, 304, headers.unchanged)
    if (state === 'failed') return sendText(response, 412, 'The file is not the one that the request is about')
    if (request.method === 'HEAD') return finish(response, 200, headers.whole)
    const range = requestedRange(request, headers, file.size)
    if (range === 'unsatisfiable') return refuseRange(response, file.size)
    if (range !== 'whole') return this.#sendPart(response, file, path, headers, range)
    const body = this.#hot.get(file)
    if (body !== undefined) return this.#finishBody(response, 200, headers.whole, body)
    return this.#sendWhole(response, file, path, headers)
  }

  #headersOf(file: PublishedFile, path: string): FileHeaders {
    const known = this.#headers.get(file)
    if (known !== undefined) return known
    const headers = fileHeaders(file, path)
    this.#headers.set(file, headers)
    return headers
  }

  #sendPart(response: ServerResponse, file: PublishedFile, path: string, headers: FileHeaders, range: ByteRange) {
    const length = String(range.end - range.start + 1)
    const position = `bytes ${range.start}-${range.end}/${file.size}`
    const list = [...headers.part, 'Content-Range', position, 'Content-Length', length]
    const body = this.#hot.get(file)?.subarray(range.start, range.end + 1)
    if (body !== undefined) return this.#finishBody(response, 206, list, body)
    return this.#give(response, path, 206, list, sliceRope(file.rope, range))
  }

  async #sendWhole(response: ServerResponse, file: PublishedFile, path: string, headers: FileHeaders): Promise<void> {
    if (!this.#hot.admits(file)) return this.#give(response, path, 200, headers.whole, file.rope)
    try {
      this.#finishBody(response, 200, headers.whole, await this.#hot.load(file))
    } catch (error) {
      this.#refuseDamaged(response, path, error)
    }
  }

  #finishBody(response: ServerResponse, status: number, headers: readonly string[], body: Buffer): void {
    this.#meter.bytes += body.length
    finish(response, status, headers, body)
  }

  /** From blobs: at once what is small, for which a stream would take as much memory and more time. */
  async #give(response: ServerResponse, path: string, status: number, headers: readonly string[], rope: Rope) {
    if (lengthOf(rope) > chunkBytes) return this.#stream(response, path, status, headers, rope)
    try {
      this.#finishBody(response, status, headers, await readWhole(this.#blobs, rope))
    } catch (error) {
      this.#refuseDamaged(response, path, error)
    }
  }

  /** From blobs, with backpressure. The open blob goes as soon as the client does. */
  async #stream(response: ServerResponse, path: string, status: number, headers: readonly string[], rope: Rope) {
    let reader: RopeReader
    try {
      reader = await RopeReader.open(this.#blobs, rope)
    } catch (error) {
      return this.#refuseDamaged(response, path, error)
    }
    response.once('close', () => reader.close())
    if (response.destroyed) return reader.close()
    response.setTimeout(this.#stallMs, () => response.destroy())
    response.writeHead(status, [...headers])
    try {
      await copy(reader, response, this.#meter)
    } catch (error) {
      this.#logDamage(response, path, error)
      // The client sees a broken transfer, never a short file that ends well.
      response.destroy()
    } finally {
      reader.close()
    }
  }

  /** The publication names it, the store does not have it: another mirror may, and so may we after a repair. */
  #refuseDamaged(response: ServerResponse, path: string, error: unknown): void {
    this.#logDamage(response, path, error)
    sendUnavailable(response)
  }

  #logDamage(response: ServerResponse, path: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#log.error('a published file cannot be read', { ...describeRequest(response.req), path, reason })
  }
}

/** Reads one chunk ahead while the last one is being written. */
async function copy(reader: RopeReader, response: ServerResponse, meter: ContentMeter): Promise<void> {
  const writer = new BodyWriter(response)
  let writing = Promise.resolve()
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    await writing
    writing = writer.write(chunk)
    meter.bytes += chunk.length
  }
  await writing
  if (!response.destroyed) response.end()
}

/**
 * A file that exists but cannot be given now. Not 404: that would be a lie that caches may keep (RFC 9110 §15.5.5), and clients
 * of repositories try the next mirror on a 503.
 */
export function sendUnavailable(response: ServerResponse): void {
  sendText(response, 503, 'The file cannot be served at the moment', ['Retry-After', '60'])
}

function requestedRange(request: IncomingMessage, headers: FileHeaders, size: number) {
  const range = request.headers.range
  return range === undefined || !rangeApplies(request.headers, headers) ? 'whole' : parseRange(range, size)
}

function refuseRange(response: ServerResponse, size: number): void {
  sendText(response, 416, 'The file does not have the bytes asked for', ['Content-Range', `bytes */${size}`])
}

function finish(response: ServerResponse, status: number, headers: readonly string[], body?: Buffer): void {
  response.writeHead(status, [...headers])
  response.end(body)
}
