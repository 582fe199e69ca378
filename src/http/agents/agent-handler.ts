import type { IncomingMessage, ServerResponse } from 'node:http'
import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { HostDoor } from '../../core/rollout.ts'
import type { RegistrationAnswer } from '../../wire/agent/registration.ts'
import type { Bundle } from './agent-bundle.ts'
import { installScript } from './install-script.ts'
import { pathOf } from './path-of.ts'
import { readRegistration } from './read-registration.ts'

export interface AgentHandlerOptions {
  readonly door: Pick<HostDoor, 'register' | 'knows'>
  readonly bundle: () => Promise<Bundle | undefined>
  /** Id of a host, as the API spells it. */
  readonly hostId: (key: number) => string
  /** `http://host:8080`, as the client has asked. */
  readonly originOf: (request: IncomingMessage) => string
  readonly log: Log
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
}

const longestBody = 1024 ** 2
const scripts = /^\/v(?:1|2-beta)\/scripts\/([^/]+)$/

/** What a host asks over HTTP: `/agent/register`, the agent itself, and the script that installs it. False for other paths. */
export function createAgentHandler(
  options: AgentHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const path = pathOf(request)
    if (!path.startsWith('/agent/') && !scripts.test(path)) return false
    void answer(options, request, path)
      .catch((error) => failure(options.log, path, error))
      .then(({ status, type, body }) => {
        const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-cache' }
        response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
      })
    return true
  }
}

async function answer(options: AgentHandlerOptions, request: IncomingMessage, path: string): Promise<Answer> {
  const isPost = path === '/agent/register'
  const allowed = isPost ? request.method === 'POST' : request.method === 'GET' || request.method === 'HEAD'
  if (!allowed) return message(405, `${path} takes ${isPost ? 'POST' : 'GET'}`)
  if (isPost) return register(options, request)
  if (path === '/agent/connect' || path === '/agent/consumer') return message(426, `${path} is a WebSocket`)
  const token = scripts.exec(path)?.[1]
  if (token !== undefined) return script(options, request, decoded(token))
  if (path === '/agent/install.sh') return script(options, request, queryOf(request).get('token') ?? '')
  return file(options, path)
}

async function register({ door, hostId }: AgentHandlerOptions, request: IncomingMessage): Promise<Answer> {
  const { host, accessKey, secretKey } = await door.register(readRegistration(await bodyOf(request)))
  const answer: RegistrationAnswer = { host: hostId(host.key), accessKey, secretKey }
  return { status: 201, type: 'application/json; charset=utf-8', body: JSON.stringify(answer) }
}

/** Only for good tokens: nobody shall run a script that cannot work. */
async function script(
  { door, bundle, originOf }: AgentHandlerOptions,
  request: IncomingMessage,
  token: string,
): Promise<Answer> {
  const built = await bundle()
  if (built === undefined) return notBuilt
  if (!(await door.knows(token))) return message(404, 'The registration token is unknown or no longer good')
  const body = installScript({ url: originOf(request), token, sha256: built.sha256 })
  return { status: 200, type: 'text/x-shellscript; charset=utf-8', body }
}

async function file({ bundle }: AgentHandlerOptions, path: string): Promise<Answer> {
  const isSum = path === '/agent/deckle-agent.js.sha256'
  if (!isSum && path !== '/agent/deckle-agent.js') return message(404, `There is nothing at ${path}`)
  const built = await bundle()
  if (built === undefined) return notBuilt
  if (!isSum) return { status: 200, type: 'text/javascript; charset=utf-8', body: built.body }
  return { status: 200, type: 'text/plain; charset=utf-8', body: `${built.sha256}  deckle-agent.js\n` }
}

const notBuilt = message(503, 'The agent was not built on this server: run npm run build')

function message(status: number, text: string): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify({ message: text })}\n` }
}

function failure(log: Log, path: string, error: unknown): Answer {
  if (error instanceof DeckleError && error.kind === 'unauthenticated') return message(401, error.message)
  if (error instanceof DeckleError && error.kind === 'invalid') return message(422, error.message)
  if (error instanceof DeckleError && error.kind === 'conflict') return message(409, error.message)
  log.error('request failed', { path, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  return message(500, 'The server failed; its log tells why')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length > longestBody) throw new DeckleError('invalid', `The body is longer than ${longestBody} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url.split('?').slice(1).join('?'))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
