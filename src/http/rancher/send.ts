import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readRest } from '../kit/read-rest.ts'
import type { Answer } from './answers/answer.ts'
import { htmlPage, pagePolicy } from './browser/html-page.ts'
import { isBrowser, wantsHtml } from './request/browser.ts'
import type { Caller } from './request/call.ts'
import { csrfToken } from './request/csrf.ts'
import type { Query } from './request/query.ts'
import type { Urls } from './request/urls.ts'

/** What is known of a request when its answer is sent; the caller only once it was let in. */
export interface Asked {
  readonly id: string
  readonly urls: Urls
  readonly query: Query
  readonly caller: Caller | undefined
}

/** Sends JSON or a page, with the headers that every answer has (rancher-api §1.3). */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  asked: Asked,
): Promise<void> {
  if (response.destroyed) return
  const page = wantsHtml(request.headers, asked.query)
  const nonce = randomBytes(12).toString('base64url')
  const body = page ? toPage(answer, asked, nonce) : JSON.stringify(answer.body)
  response.writeHead(answer.status, {
    ...commonHeaders(request, asked),
    'content-type': page ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...(page && { 'content-security-policy': pagePolicy(nonce), 'referrer-policy': 'no-referrer' }),
    ...(answer.status === 401 && challenge(request)),
    ...answer.headers,
  })
  await readRest(request, response)
  response.end(body)
}

function commonHeaders(request: IncomingMessage, { id, urls, caller }: Asked) {
  const cookies = [
    'PL=rancher;Path=/',
    ...(isBrowser(request.headers) ? [`CSRF=${csrfToken(request.headers)};Path=/`] : []),
  ]
  return {
    'x-api-schemas': urls.of('schemas'),
    ...(caller !== undefined && accountHeaders(caller)),
    'x-api-client-ip': request.socket.remoteAddress ?? '',
    'x-request-id': id,
    'set-cookie': cookies,
    expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
    'cache-control': 'no-store',
    vary: 'Accept-Encoding, User-Agent',
    'x-content-type-options': 'nosniff',
  }
}

function accountHeaders({ actor, role }: Caller) {
  const account = `1a${actor.project ?? actor.account}`
  return { 'x-api-account-id': account, 'x-api-user-id': account, 'x-api-account-kind': role }
}

function challenge({ headers }: IncomingMessage) {
  const isUpgrade = /\bupgrade\b/i.test(headers.connection ?? '')
  if (headers['x-api-no-challenge'] === 'true' || isUpgrade) return {}
  return { 'www-authenticate': 'Basic realm="Enter API access key and secret key as username and password"' }
}

function toPage({ body }: Answer, { urls, caller }: Asked, nonce: string): string {
  const user = caller?.actor.name ?? ''
  const curlUser = '$DECKLE_ACCESS_KEY:$DECKLE_SECRET_KEY'
  return htmlPage(body, { user, curlUser, schemas: urls.of('schemas'), nonce, base: urls.base })
}
