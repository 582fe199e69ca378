import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Log } from '../../core/log.ts'
import { splitTarget } from './request-target.ts'

const acceptableId = /^[\w.-]{1,64}$/

/** The caller's own request id if it is a sane one, so that its log and ours can be laid side by side. */
export function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && acceptableId.test(given) ? given : randomUUID()
}

/** One line a request. Neither query nor headers nor bodies: they may hold secrets. */
export function logRequests(app: FastifyInstance, log: Log): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    log.info('request', { ...describeRequest(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) })
  })
}

export function describeRequest(request: FastifyRequest): { request: string; method: string; path: string } {
  return { request: request.id, method: request.method, path: splitTarget(request.originalUrl)[0] }
}
