import { ServerError, UnreachableError } from './server-error.ts'

/** What proves who is asking. */
export type Credentials = { readonly token: string } | { readonly username: string; readonly password: string }

/** A server and who is asking it. */
export interface Connection {
  /** Address without a path below it, without credentials: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly credentials?: Credentials
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From the root of the server, with the query: `/pulp/api/v2/status/`. */
  readonly path: string
  readonly body?: unknown
  /** Sent as they are, in place of `body`. */
  readonly bytes?: Uint8Array
  /** Besides those that every call has. */
  readonly headers?: Readonly<Record<string, string>>
}

/** How long a server may take to begin its answer, in milliseconds. */
const patience = 60_000

/**
 * Sends one call and returns the parsed JSON of its answer, null for an empty one. Credentials are sent at once, for
 * the API never challenges (pulp2-api §1.5). Throws ServerError for an answer of 400 and above, UnreachableError when
 * there is no answer or one that is not JSON.
 */
export async function send(connection: Connection, call: Call): Promise<unknown> {
  const response = await exchange(connection, call)
  if (response.status >= 300 && response.status < 400) throw redirected(connection, response)
  const text = await response.text().catch((error: unknown) => Promise.reject(unreachable(connection, error)))
  const answer = parse(text)
  if (!response.ok) throw refusal(response.status, answer, text)
  if (answer === undefined) throw new UnreachableError(connection.url, `the answer to ${call.path} is not JSON`)
  return answer
}

async function exchange(connection: Connection, call: Call): Promise<Response> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${patience / 1000} s`)), patience)
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...authorization(connection.credentials),
    ...call.headers,
  }
  // A redirected POST would become a GET: better an error that says where to go.
  const init: RequestInit = { method: call.method, headers, signal: controller.signal, redirect: 'manual' }
  if (call.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(call.body)
  }
  if (call.bytes !== undefined) {
    headers['content-type'] = 'application/octet-stream'
    init.body = Buffer.from(call.bytes)
  }
  try {
    return await fetch(new URL(call.path, connection.url), init)
  } catch (error) {
    throw unreachable(connection, error)
  } finally {
    clearTimeout(timer)
  }
}

function authorization(credentials: Credentials | undefined): Record<string, string> {
  if (credentials === undefined) return {}
  if ('token' in credentials) return { authorization: `Bearer ${credentials.token}` }
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

function unreachable(connection: Connection, error: unknown): UnreachableError {
  return new UnreachableError(connection.url, reasonOf(error), { cause: error })
}

function redirected(connection: Connection, response: Response): UnreachableError {
  return new UnreachableError(connection.url, `the answer is a redirect to ${response.headers.get('location')}`)
}

const untrusted = 'its certificate is of an authority that is not trusted here; name it with --ca or DECKLE_CA'
const knownReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be resolved',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was cut',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
}

/** fetch says no more than "fetch failed"; the cause below it knows better. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return knownReasons[code] ?? (cause instanceof Error ? cause.message || code : String(cause))
}

function parse(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(status: number, answer: unknown, text: string): ServerError {
  const body = isObject(answer) ? answer : {}
  const error = isObject(body['error']) ? body['error'] : {}
  const plain = answer === undefined ? firstLine(text) : answer
  const message = [body['error_message'], error['description'], plain, rancherText(body)].find(isText)
  const code = [error['code'], body['code']].find(isText)
  return new ServerError(status, message ?? `the server answered ${status}`, code)
}

/** A sentence where there is one, else the code and the field that it is about (rancher-api §1.13). */
function rancherText({ detail, message, code, fieldName }: Record<string, unknown>): string | undefined {
  const text = [detail, message, code].find(isText)
  return text === code && text !== undefined && isText(fieldName) ? `${text}: ${fieldName}` : text
}

/** Of a plain text answer; a page of HTML says nothing to a person. */
function firstLine(text: string): string | undefined {
  return text.trimStart().startsWith('<') ? undefined : text.trim().split('\n')[0]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
