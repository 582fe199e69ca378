import { type IncomingMessage, request } from 'node:http'
import { DeckleError } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import { messageOf } from '../message-of.ts'
import { parsedJson, readWhole } from '../read-whole.ts'

export interface EngineRequest {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** An engine with 10,000 images lists them in some 5 MB. */
const longestAnswer = 64 * 1024 * 1024
const answerWithinMs = 60_000

/**
 * The answer of the engine behind a unix socket, of status 200. Node's own client is used since undici needs a newer Node than a
 * host may have. Throws kind `not-found` or `upstream` with the engine's own words.
 */
export async function askEngine(socketPath: string, { signal, ...wish }: EngineRequest): Promise<IncomingMessage> {
  const answer = await send(socketPath, wish, signal)
  if (answer.statusCode === 200) return answer
  const body = parsedJson(await readWhole(answer, longestAnswer))
  const said = isJsonObject(body) && typeof body['message'] === 'string' ? body['message'] : undefined
  const kind = answer.statusCode === 404 ? 'not-found' : 'upstream'
  throw new DeckleError(kind, said ?? `The engine answered with status ${answer.statusCode}`)
}

export async function askEngineForJson(socketPath: string, path: string): Promise<unknown> {
  const signal = AbortSignal.timeout(answerWithinMs)
  const answer = await askEngine(socketPath, { method: 'GET', path, signal })
  return parsedJson(await readWhole(answer, longestAnswer))
}

function send(
  socketPath: string,
  { method, path, headers = {} }: EngineRequest,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { socketPath, method, path, headers: { host: 'engine', ...headers }, agent: false } as const
    const call = request({ ...options, ...(signal === undefined ? {} : { signal }) })
    call.on('response', resolve)
    call.on('error', (error) => reject(new DeckleError('upstream', unanswered(error), {}, { cause: error })))
    call.end()
  })
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  EACCES: 'permission denied',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the engine ended the connection',
  ABORT_ERR: 'it did not answer in time',
}

function unanswered(error: Error): string {
  const code = 'code' in error ? String(error.code) : ''
  return reasons[code] ?? messageOf(error)
}
