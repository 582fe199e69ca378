import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DeckleError } from '../../core/errors.ts'
import type { User } from '../../core/user.ts'
import type { Api, Proof } from './api.ts'
import { bodyStream, streamType } from './body-stream.ts'
import { Call } from './call.ts'
import { clientCertificate } from './client-certificate.ts'
import { isStorableText, parseJsonArray, parseJsonBody, parseJsonValue } from './json-body.ts'
import { splitTarget } from './request-target.ts'
import { emptyBody, type Route } from './route.ts'
import { sendAnswer } from './send-answer.ts'

/**
 * Registers all methods of one path: its routes, HEAD beside GET, OPTIONS with the list, 405 for the rest, and a
 * redirect for the path without its slash. None of the latter asks who is calling (pulp2-api §1.1).
 */
export function addPath(app: FastifyInstance, api: Api, path: string, routes: readonly Route[]): void {
  for (const route of routes) addRoute(app, api, route)
  const methods: string[] = routes.map((route) => route.method)
  if (methods.includes('GET')) methods.push('HEAD')
  answerOthers(app, path, methods)
}

/** Everything at a path but what these methods do there. */
export function answerOthers(app: FastifyInstance, path: string, methods: readonly string[]): void {
  const allow = [...methods, 'OPTIONS'].join(', ')
  answerAtOnce(app, ['OPTIONS'], path, (reply) => reply.code(200).header('allow', allow).send())
  const others = app.supportedMethods.filter((method) => method !== 'OPTIONS' && !methods.includes(method))
  answerAtOnce(app, others, path, (reply) => reply.code(405).header('allow', allow).send())
  if (path.endsWith('/')) answerAtOnce(app, app.supportedMethods, path.slice(0, -1), redirectToSlash)
}

function addRoute(app: FastifyInstance, api: Api, route: Route): void {
  const users = new WeakMap<FastifyRequest, User | undefined>()
  app.route<{ Params: Record<string, string> }>({
    method: route.method,
    url: route.path,
    onRequest: async (request) => {
      const { permission } = route
      if (permission !== 'public') {
        const [path] = splitTarget(request.url)
        const wanted = typeof permission === 'string' ? [permission] : permission
        users.set(request, await api.admit(proofOf(request), wanted, path))
      }
      refuseUnstorableText(request)
      if (route.body === 'stream') request.headers['content-type'] = streamType
    },
    handler: async (request, reply) => {
      const call = new Call({
        method: request.method,
        target: request.originalUrl,
        params: request.params,
        query: new URLSearchParams(splitTarget(request.url)[1]),
        body: readBody(request.body, route),
        items: route.body === 'array' ? parseJsonArray(bytesOf(request.body)) : [],
        value: route.body === 'any' ? parseJsonValue(bytesOf(request.body)) : null,
        stream: route.body === 'stream' ? bodyStream(request.raw) : undefined,
        user: users.get(request),
      })
      try {
        return sendAnswer(reply, await route.handler(call))
      } finally {
        // What a stream still brings is read away, so that the connection serves the next request.
        if (route.body === 'stream') request.raw.resume()
      }
    },
  })
}

function proofOf({ headers, raw }: FastifyRequest): Proof {
  return { authorization: headers.authorization, certificate: () => clientCertificate(raw)?.raw }
}

function readBody(body: unknown, route: Route) {
  if (route.body !== 'object' && route.body !== 'optional') return emptyBody
  return parseJsonBody(bytesOf(body), route.body)
}

function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array()
}

/** No id, tag or filter can hold a NUL, and a database that is asked for one fails instead of finding nothing. */
function refuseUnstorableText(request: FastifyRequest): void {
  if (!request.url.includes('%00') && isStorableText(request.url)) return
  throw new DeckleError('invalid', 'The request path or query holds a NUL character', { code: 'bad-path' })
}

/** Answers before anything is read. */
function answerAtOnce(
  app: FastifyInstance,
  method: string[],
  url: string,
  answer: (reply: FastifyReply, request: FastifyRequest) => FastifyReply,
): void {
  if (method.length === 0) return
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => answer(reply, request)
  app.route({ method, url, onRequest, exposeHeadRoute: false, handler: async () => undefined })
}

function redirectToSlash(reply: FastifyReply, request: FastifyRequest): FastifyReply {
  const [path, query] = splitTarget(request.url)
  const origin = request.host === '' ? '' : `${request.protocol}://${request.host}`
  return reply.code(301).header('location', `${origin}${path}/${query}`).send()
}
