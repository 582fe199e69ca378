import type { IncomingMessage } from 'node:http'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import { addPublicFile } from './add-public-file.ts'
import { addRoute } from './add-route.ts'
import { answerOthers } from './answer-others.ts'
import type { Api } from './api.ts'
import { streamType } from './body-stream.ts'
import { KnownPaths } from './known-paths.ts'
import { readRest } from './read-rest.ts'
import { describeRequest, logRequests, requestId } from './request-log.ts'
import type { RequestMeter } from './request-meter.ts'
import { collapseSlashes } from './request-target.ts'
import { sendAnswer } from './send-answer.ts'

export interface AppOptions {
  readonly log: Log
  /** Counts every request. */
  readonly meter?: RequestMeter
  /** Bytes of a request body. Default 32 MiB. */
  readonly maxBodyBytes?: number
  /** Makes a domain error of one that the app's surroundings know better; others come back as they are. */
  readonly explain?: (error: unknown) => unknown
  /** Believe `X-Forwarded-*`: of everybody, of nobody, or of the proxies with these addresses. */
  readonly trustProxy?: boolean | readonly string[]
}

/**
 * An API on fastify, not listening: the server calls `app.routing(request, response)` for what belongs to it, after
 * `await app.ready()`. Routes have no fastify schemas, since each costs milliseconds at start (libraries finding 4).
 */
export function createApp(api: Api, options: AppOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: options.maxBodyBytes ?? 32 * 1024 * 1024,
    trustProxy: isList(options.trustProxy) ? [...options.trustProxy] : (options.trustProxy ?? false),
    genReqId: requestId,
    rewriteUrl: (request: IncomingMessage) => collapseSlashes(request.url ?? '/'),
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: (error, request, reply) => answerWithoutHooks(api, options.log, error, request, reply),
  })
  logRequests(app, options.log, options.meter)
  readBodiesAsBytes(app)
  sayReasons(app, api)
  app.addHook('onSend', (request, reply) => readRest(request.raw, reply.raw))
  const { explain = (error: unknown) => error } = options
  app.setErrorHandler((error, request, reply) => {
    const known = request.raw.destroyed && !request.raw.complete ? clientGone() : explain(toDomainError(error))
    return answerError(api, options.log, known, request, reply)
  })
  app.setNotFoundHandler((_request, reply) => sendAnswer(reply, api.unknownPath))
  for (const route of api.routes) addRoute(app, api, route)
  for (const file of api.files ?? []) addPublicFile(app, file)
  answerOthers(app, pathsOf(api))
  return app
}

function pathsOf({ routes, files = [] }: Api): KnownPaths {
  const paths = new KnownPaths()
  for (const [path, those] of Map.groupBy(routes, (route) => route.path)) {
    const methods = those.map((route) => route.method)
    paths.add(path, methods.includes('GET') ? [...methods, 'HEAD'] : methods)
  }
  for (const file of files) paths.add(file.path, ['GET', 'HEAD'])
  return paths
}

function isList(value: AppOptions['trustProxy']): value is readonly string[] {
  return Array.isArray(value)
}

/** The content type is never looked at, not even for being well-formed, so there is no 415 (pulp2-api §1.1). */
function readBodiesAsBytes(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    delete request.headers['content-type']
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  // Left to the handler, which reads it as it comes.
  app.addContentTypeParser(streamType, (_request, _body, done) => done(null, undefined))
}

function sayReasons(app: FastifyInstance, api: Api): void {
  const { reasonPhrase } = api
  if (reasonPhrase === undefined) return
  app.addHook('onSend', (_request, reply, _payload, next) => {
    reply.raw.statusMessage = reasonPhrase(reply.statusCode)
    next()
  })
}

/** Whatever its connection says: in the middle of a request that is no failure of ours. */
function clientGone(): DeckleError {
  return new DeckleError('invalid', 'The connection ended before the request did', { code: 'body-not-json' })
}

function toDomainError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new DeckleError('invalid', 'The request body is too large', { code: 'body-too-large' })
  }
  if (error.code === 'FST_ERR_BAD_URL' || error.code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return new DeckleError('invalid', 'The request path is not a valid URL path', { code: 'bad-path' })
  }
  if (error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') {
    return new DeckleError('invalid', 'The request does not say what its body is: Content-Type', {
      code: 'body-not-json',
    })
  }
  if (error.code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
    return new DeckleError('invalid', 'The request body does not have the announced length', { code: 'body-not-json' })
  }
  return error
}

/** For a path that is none, before there is a route. */
async function answerWithoutHooks(api: Api, log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  await readRest(request.raw, reply.raw)
  return answerError(api, log, toDomainError(error), request, reply)
}

function answerError(api: Api, log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const answer = api.printError(error, { method: request.method, target: request.originalUrl })
  if (answer.status >= 500) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    log.error('request failed', { ...describeRequest(request), stack: maskUrlPasswords(stack) })
  }
  return sendAnswer(reply, answer)
}
