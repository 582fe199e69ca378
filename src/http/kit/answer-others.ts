import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DeckleError } from '../../core/errors.ts'
import type { KnownPaths } from './known-paths.ts'
import { splitTarget } from './request-target.ts'

/**
 * Answers everything at known paths but what is a route there: OPTIONS with the list of methods, 405 for the rest, and a redirect for a
 * path without its slash. None of it asks who is calling or reads a body (pulp2-api §1.1). Nearly all of it goes through one hook, since
 * routes for it would take longer to make than the API's own, at every start.
 */
export function answerOthers(app: FastifyInstance, paths: KnownPaths): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404 && app.supportedMethods.includes(request.method)) return answerAt(paths, request, reply)
  })
  for (const { path, methods, foreign } of paths.overshadowed()) {
    const onRequest = async (_request: FastifyRequest, reply: FastifyReply) => refuse(reply, methods)
    app.route({ method: [...foreign], url: path, onRequest, exposeHeadRoute: false, handler: async () => undefined })
  }
}

function answerAt(paths: KnownPaths, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const path = decoded(splitTarget(request.url)[0])
  const methods = paths.methodsAt(path)
  if (methods === undefined) return paths.methodsAt(`${path}/`) && redirectToSlash(request, reply)
  return request.method === 'OPTIONS' ? reply.code(200).header('allow', allow(methods)).send() : refuse(reply, methods)
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    throw new DeckleError('invalid', 'The request path is not a valid URL path', { code: 'bad-path' })
  }
}

function refuse(reply: FastifyReply, methods: readonly string[]): FastifyReply {
  return reply.code(405).header('allow', allow(methods)).send()
}

function allow(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ')
}

function redirectToSlash(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path, query] = splitTarget(request.url)
  const origin = request.host === '' ? '' : `${request.protocol}://${request.host}`
  return reply.code(301).header('location', `${origin}${path}/${query}`).send()
}
