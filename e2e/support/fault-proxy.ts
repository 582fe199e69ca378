import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { type Answer, type Fault, sendFaulty } from './fault.ts'
import type { FolderUpstream } from './folder-upstream.ts'
import { sha256 } from './published.ts'

/** A request that the proxy is about to answer. */
export interface Asked {
  /** Below the feed. */
  readonly path: string
  /** Counts the requests for this path, from 1. */
  readonly nth: number
  /** Bytes of the whole file. */
  readonly size: number
}

/** A request that was answered. */
export interface Answered extends Asked {
  /** Where the part that was asked for begins; undefined where the whole file was. */
  readonly from: number | undefined
  /** Undefined where nothing went wrong. */
  readonly fault: Fault['kind'] | undefined
  readonly status: number
  /** Bytes of the body that were sent. */
  readonly sent: number
}

/**
 * Stands before an upstream and does what lines and servers do on bad days. Like most servers it knows entity tags and ranges.
 */
export class FaultProxy {
  /** Its address, with the last slash. */
  readonly feed: string
  readonly answered: Answered[] = []
  /** What goes wrong with a request. */
  choose: (asked: Asked) => Fault | undefined = () => undefined
  /** Called when a request has come in, before its upstream is asked; may put another upstream there. */
  onRequest: (path: string) => void = () => undefined
  upstream: FolderUpstream
  readonly #counts = new Map<string, number>()

  private constructor(upstream: FolderUpstream, port: number) {
    this.upstream = upstream
    this.feed = `http://127.0.0.1:${port}/u/`
  }

  /** Closed when the test ends. */
  static async before(upstream: FolderUpstream): Promise<FaultProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    after(() => close(server))
    const proxy = new FaultProxy(upstream, (server.address() as AddressInfo).port)
    // A client that leaves in the middle is no concern of ours.
    server.on('request', (request, response) => void proxy.#answer(request, response).catch(() => response.destroy()))
    return proxy
  }

  /** From now on nothing goes wrong. */
  calm(): void {
    this.choose = () => undefined
    this.onRequest = () => undefined
  }

  /** What was answered about one path. */
  answersFor(path: string): readonly Answered[] {
    return this.answered.filter((answered) => answered.path === path)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent((request.url ?? '').replace(/^\/u\//, ''))
    this.onRequest(path)
    const { status, body } = await fetchFrom(this.upstream, request.url ?? '')
    const asked = { path, nth: (this.#counts.get(path) ?? 0) + 1, size: body.length }
    this.#counts.set(path, asked.nth)
    const fault = this.choose(asked)
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN)
    const answer = status === 200 ? partOf(request, spoilt(body, fault), from) : { status, headers: {}, body }
    const sent = await sendFaulty(request, response, answer, fault)
    this.answered.push({
      ...asked,
      from: Number.isNaN(from) ? undefined : from,
      fault: fault?.kind,
      status: fault?.kind === 'status' ? fault.status : answer.status,
      sent,
    })
  }
}

async function fetchFrom({ server }: FolderUpstream, path: string): Promise<{ status: number; body: Buffer }> {
  const response = await fetch(server.url(path))
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
}

interface Representation {
  readonly body: Buffer
  readonly etag: string
}

/** What is wrong with the bytes themselves. */
function spoilt(body: Buffer, fault: Fault | undefined): Representation {
  const etag = `"${sha256(body).slice(0, 16)}"`
  if (fault?.kind === 'flip') {
    const index = Math.min(fault.at, body.length - 1)
    return { body: Buffer.from(body.map((byte, at) => (at === index ? byte ^ 0xff : byte))), etag }
  }
  if (fault?.kind === 'other')
    return { body: Buffer.from(body.map((byte) => byte ^ 0x55)), etag: `"other-${body.length}"` }
  return { body, etag }
}

/** The whole file, or the rest of it from a byte on if it is still the same file (RFC 9110 §13.1.5). */
function partOf({ headers }: IncomingMessage, { body, etag }: Representation, from: number): Answer {
  const condition = headers['if-range']
  const partial = from < body.length && (condition === undefined || condition === etag)
  if (!partial) return { status: 200, headers: { etag }, body }
  const range = { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }
  return { status: 206, headers: { etag, ...range }, body: body.subarray(from) }
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
