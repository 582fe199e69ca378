import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Log } from '../../core/log.ts'
import type { PublishedFile } from '../../core/publication.ts'
import type { ContentAnswer } from '../../operations/content-answer.ts'
import type { FileFetcher } from '../../operations/fetch/file-fetcher.ts'
import type { ContentResolver } from '../../operations/resolve-content.ts'
import { readRest } from '../kit/read-rest.ts'
import { clientLeft } from '../kit/request-meter.ts'
import { ContentMeter } from './content-meter.ts'
import { contentPath, encodePath, ownsTarget } from './content-path.ts'
import { describeRequest } from './describe-request.ts'
import { folderPage } from './folder-page.ts'
import { formerTime } from './former-time.ts'
import { type DeferredExchange, DeferredSender } from './send-deferred.ts'
import { FileSender, type FileSenderOptions, sendUnavailable } from './send-file.ts'
import { sendText } from './send-text.ts'
import { type ProxyTrust, type VisitorOf, visitors } from './visitors.ts'

export interface ContentHandlerOptions extends FileSenderOptions {
  readonly resolver: ContentResolver
  readonly meter?: ContentMeter
  /** Without it files that are not stored are not served. */
  readonly fetcher?: Pick<FileFetcher, 'open'>
  /** Whose word on the protocol that a client has used is taken. Default nobody's. */
  readonly trustProxy?: ProxyTrust
}

/** Takes a request over if it is for content: false means that somebody else has to answer it. */
export type ContentHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Serves what is published, on bare `node:http` in front of the API's framework: half of a small file's cost would be the
 * framework's (design-notes §3).
 */
export function createContentHandler(options: ContentHandlerOptions): ContentHandler {
  const { resolver, log, fetcher, meter = new ContentMeter() } = options
  const files = new FileSender({ ...options, meter })
  const deferred = fetcher && new DeferredSender({ ...options, fetcher, meter, files })
  const serving = { resolver, log, meter, files, deferred, visitorOf: visitors(options.trustProxy) }
  return (request, response) => {
    const target = request.url ?? ''
    if (!ownsTarget(target)) return false
    void serve(request, response, target, serving)
    return true
  }
}

interface Serving {
  readonly resolver: ContentResolver
  readonly log: Log
  readonly meter: ContentMeter
  readonly files: FileSender
  readonly deferred: DeferredSender | undefined
  readonly visitorOf: VisitorOf
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  serving: Serving,
): Promise<void> {
  const { log, meter } = serving
  const start = performance.now()
  try {
    await answer(request, response, target, serving)
  } catch (error) {
    refuse(request, response, error, log)
  }
  const duration = performance.now() - start
  const status = response.headersSent ? response.statusCode : clientLeft
  meter.requests.count(request.method, status, duration)
  log.debug?.('content', { ...describeRequest(request), status, ms: Math.round(duration) })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  serving: Serving,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    await readRest(request, response)
    return sendText(response, 405, 'Content can only be read', ['Allow', 'GET, HEAD'])
  }
  const wanted = contentPath(target)
  if ('status' in wanted) return sendText(response, wanted.status, wanted.reason)
  const { path } = wanted
  const former = formerTime(target)
  if (former !== undefined && 'status' in former) return sendText(response, former.status, former.reason)
  const visitor = serving.visitorOf(request)
  const known = former === undefined ? serving.resolver.known(path, visitor) : undefined
  if (known !== undefined) return sendStored(request, response, path, known, serving)
  const { resolver } = serving
  const look = () => (former ? resolver.resolveAt(path, former.at, visitor) : resolver.resolve(path, visitor))
  const found = await look()
  if (response.destroyed) return
  if (found.kind === 'file') return sendStored(request, response, path, found.file, serving)
  if (found.kind === 'deferred') return sendMissing({ request, response, path, file: found.file, look }, serving)
  return answerOther(request, response, { path, found, query: former ? `?at=${former.at.toISOString()}` : '' })
}

function sendStored(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  file: PublishedFile,
  { meter, files }: Serving,
): Promise<void> {
  meter.hits++
  return files.send(request, response, file, path)
}

async function sendMissing(exchange: DeferredExchange, { meter, deferred }: Serving): Promise<void> {
  meter.misses++
  return deferred === undefined ? sendUnavailable(exchange.response) : deferred.send(exchange)
}

interface OtherAnswer {
  readonly path: string
  readonly found: Exclude<ContentAnswer, { kind: 'file' | 'deferred' }>
  /** What links of a page carry on: who browses the past stays in it. */
  readonly query: string
}

async function answerOther(
  request: IncomingMessage,
  response: ServerResponse,
  { path, found, query }: OtherAnswer,
): Promise<void> {
  if (found.kind === 'forbidden') return sendText(response, 403, found.reason)
  if (found.kind === 'not-found') return sendText(response, 404, found.reason ?? 'Nothing is published here')
  if (found.kind === 'add-slash') return addSlash(request, response, path)
  if (found.kind === 'listing') return sendListing(response, found.names)
  return sendFolder(request, response, folderPage(path, found.names, query))
}

function addSlash(request: IncomingMessage, response: ServerResponse, path: string): void {
  const query = /\?.*/s.exec(request.url ?? '')?.[0] ?? ''
  const location = `${encodePath(path)}/${query}`
  sendText(response, 301, `This is a folder: ${location}`, ['Location', location])
}

/** Names joined by line feeds, none after the last (pulp2-types §5.9). */
function sendListing(response: ServerResponse, names: readonly string[]): void {
  const body = Buffer.from(names.join('\n'))
  response.writeHead(200, [
    ...['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(body.length)],
    ...['Cache-Control', 'no-cache', 'X-Content-Type-Options', 'nosniff'],
  ])
  response.end(body)
}

async function sendFolder(
  request: IncomingMessage,
  response: ServerResponse,
  page: AsyncIterable<string>,
): Promise<void> {
  response.writeHead(200, [
    ...['Content-Type', 'text/html; charset=utf-8', 'Content-Security-Policy', "default-src 'none'"],
    ...['Cache-Control', 'no-cache', 'X-Content-Type-Options', 'nosniff'],
  ])
  if (request.method === 'HEAD') response.end()
  else await pipeline(page, response)
}

/** The database is away, or a defect: what is known goes on being served, this request cannot be told. */
function refuse(request: IncomingMessage, response: ServerResponse, error: unknown, log: Log): void {
  if (isClientGone(error)) return
  const reason = error instanceof Error ? error.message : String(error)
  log.error('a request for content failed', { ...describeRequest(request), reason })
  if (response.headersSent) response.destroy()
  else sendUnavailable(response)
}

function isClientGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
