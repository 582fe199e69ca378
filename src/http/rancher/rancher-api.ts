import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../../core/log.ts'
import { withLogFields } from '../../core/log-fields.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import { requestId } from '../kit/request-log.ts'
import { clientLeft, type RequestMeter } from '../kit/request-meter.ts'
import { splitTarget } from '../kit/request-target.ts'
import type { Answer } from './answers/answer.ts'
import { answerCall } from './answers/answer-call.ts'
import { staticFile } from './browser/static-files.ts'
import { printError, toRancherError } from './errors.ts'
import { admit } from './request/admit.ts'
import { wantsHtml } from './request/browser.ts'
import type { Caller } from './request/call.ts'
import { checkCsrf } from './request/csrf.ts'
import { type Query, readQuery } from './request/query.ts'
import { readInput } from './request/read-body.ts'
import { readPath, type TargetPath } from './request/target-path.ts'
import { type Urls, urlsOf } from './request/urls.ts'
import { send } from './send.ts'
import type { RancherServices } from './services.ts'

export interface RancherApiOptions {
  readonly log: Log
  /** Counts every request. */
  readonly meter?: RequestMeter
  /** Bytes of a request body. Default 32 MiB; multipart forms have 100 KiB (rancher-api §1.2). */
  readonly maxBodyBytes?: number
  /** Makes a domain error of one that the API's surroundings know better; others come back as they are. */
  readonly explain?: (error: unknown) => unknown
}

/** Takes a request over if it is for the Rancher API: false means that somebody else has to answer it. */
export type RancherApi = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The Rancher 1.x API: `/v1`, `/v2-beta`, and `/` for who is no browser. On bare `node:http`: any method, any number of slashes and
 * any content type is answered, which frameworks are made to refuse.
 */
export function createRancherApi(services: RancherServices, options: RancherApiOptions): RancherApi {
  return (request, response) => {
    const target = request.url ?? ''
    const path = readPath(target)
    if (path === undefined) return false
    const query = readQuery(splitTarget(target)[1])
    if (path.isRoot && wantsHtml(request.headers, query)) return false
    const id = requestId(request)
    const arrived = { request, response, path, query, id, urls: urlsOf(path, request) }
    void withLogFields({ request: id }, () => serve(services, options, arrived)).catch((error) => {
      logFault(options.log, arrived, error)
      response.destroy()
    })
    return true
  }
}

interface Arrived {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: TargetPath
  readonly query: Query
  readonly id: string
  readonly urls: Urls
}

async function serve(services: RancherServices, options: RancherApiOptions, arrived: Arrived): Promise<void> {
  const { request, response, path } = arrived
  const start = performance.now()
  const file = staticFile(path.segments)
  if (file !== undefined) {
    response.writeHead(200, {
      'content-type': file.type,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    response.end(file.body)
  } else await serveAnswer(services, options, arrived)
  const duration = performance.now() - start
  const status = response.headersSent ? response.statusCode : clientLeft
  options.meter?.count(request.method, status, duration)
  options.log.info('request', { ...describe(arrived), status, ms: Math.round(duration) })
}

async function serveAnswer(services: RancherServices, options: RancherApiOptions, arrived: Arrived): Promise<void> {
  let caller: Caller | undefined
  const admitted = async () => {
    caller = await admit(services, arrived.path, arrived.query, arrived.request.headers)
    return caller
  }
  const answer = await answerOrFault(services, options, arrived, admitted)
  await send(arrived.request, arrived.response, answer, { ...arrived, caller })
}

async function answerOrFault(
  services: RancherServices,
  options: RancherApiOptions,
  arrived: Arrived,
  admitted: () => Promise<Caller>,
): Promise<Answer> {
  try {
    return await answer(services, options, arrived, await admitted())
  } catch (error) {
    const fault = toRancherError((options.explain ?? ((same) => same))(error))
    if (fault.status === 500) logFault(options.log, arrived, error)
    return { status: fault.status, body: printError(fault) }
  }
}

function answer(
  services: RancherServices,
  { maxBodyBytes = 32 * 1024 ** 2 }: RancherApiOptions,
  { request, path, query, urls }: Arrived,
  caller: Caller,
): Promise<Answer> {
  const sent = request.method ?? 'GET'
  const method = (query.get('_method') || sent).toUpperCase()
  checkCsrf(method, sent, request.headers, query)
  return answerCall(services, {
    method,
    path,
    urls,
    query,
    caller,
    body: () => readInput(request, query, maxBodyBytes),
  })
}

function logFault(log: Log, arrived: Arrived, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  log.error('request failed', { ...describe(arrived), stack: maskUrlPasswords(stack) })
}

/** Never the query: it may hold a secret. */
function describe({ request, id }: Arrived) {
  return { request: id, method: request.method ?? '', path: splitTarget(request.url ?? '')[0] }
}
