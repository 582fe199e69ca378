import type { IncomingMessage, ServerResponse } from 'node:http'
import { DeckleError, toErrorReport } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { splitTarget } from '../kit/request-target.ts'
import type { ReadinessReport } from './readiness.ts'

export interface OperationsOptions {
  readonly readiness: () => Promise<ReadinessReport>
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** Throws kind `unauthenticated`. Absent: metrics are for everybody (the setting `metrics.open`). */
  readonly authenticate?: (authorization: string | undefined) => Promise<unknown>
  readonly log: Log
}

/** Takes a request over if it is one of these. */
export type OperationsHandler = (request: IncomingMessage, response: ServerResponse) => boolean

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: readonly string[]
}

/** `/healthz`, `/readyz`, `/metrics`: for supervisors and monitoring, in every process, in front of all APIs. */
export function createOperationsHandler(options: OperationsOptions): OperationsHandler {
  const pages: Readonly<Record<string, (request: IncomingMessage) => Promise<Page>>> = {
    '/healthz': async () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' }),
    '/readyz': () => showReadiness(options),
    '/metrics': (request) => showMetrics(options, request),
  }
  return (request, response) => {
    const [path] = splitTarget(request.url ?? '')
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page === undefined) return false
    void answer(request, response, page, options.log)
    return true
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  page: (request: IncomingMessage) => Promise<Page>,
  log: Log,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, notAllowed)
  try {
    send(response, await page(request))
  } catch (error) {
    log.error('metrics cannot be shown', { reason: toErrorReport(error).message })
    send(response, unavailable)
  }
}

async function showReadiness(options: OperationsOptions): Promise<Page> {
  const report = await options.readiness()
  return {
    status: report.ready ? 200 : 503,
    type: 'application/json; charset=utf-8',
    body: `${JSON.stringify(report)}\n`,
  }
}

async function showMetrics(options: OperationsOptions, request: IncomingMessage): Promise<Page> {
  try {
    await options.authenticate?.(request.headers.authorization)
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'unauthenticated') return unauthenticated
    throw error
  }
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await options.metrics() }
}

const plain = 'text/plain; charset=utf-8'
const notAllowed: Page = { status: 405, type: plain, body: 'Only GET and HEAD\n', headers: ['Allow', 'GET, HEAD'] }
const unavailable: Page = { status: 503, type: plain, body: 'Not available at the moment\n' }
const unauthenticated: Page = {
  status: 401,
  type: plain,
  body: 'Metrics need a user or a token, or the setting DECKLE_METRICS_OPEN=true\n',
  headers: ['WWW-Authenticate', 'Basic realm="Deckle"'],
}

/** Node leaves the body out by itself where the request is a HEAD. */
function send(response: ServerResponse, { status, type, body, headers = [] }: Page): void {
  response.writeHead(status, [
    ...['Content-Type', type, 'Content-Length', String(Buffer.byteLength(body))],
    ...['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'],
    ...headers,
  ])
  response.end(body)
}
