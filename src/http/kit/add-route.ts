import type { FastifyInstance, FastifyRequest } from 'fastify'
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

/** Makes what a route of the table says of its call, from its permission to its answer. */
export function addRoute(app: FastifyInstance, api: Api, route: Route): void {
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
