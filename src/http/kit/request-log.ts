import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Log } from '../../core/log.ts'
import { withLogFields } from '../../core/log-fields.ts'
import { clientLeft, type RequestMeter } from './request-meter.ts'
import { splitTarget } from './request-target.ts'

const acceptableId = /^[\w.-]{1,64}$/

/** The caller's own request id if it is a sane one, so that its log and ours can be laid side by side. */
export function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && acceptableId.test(given) ? given : randomUUID()
}

/**
 * One line a request, and its id on every line that it causes. Neither query nor headers nor bodies: they may hold secrets.
 */
export function logRequests(app: FastifyInstance, log: Log, meter?: RequestMeter): void {
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    withLogFields({ request: request.id }, next)
  })
  app.addHook('onResponse', async (request, reply) => {
    meter?.count(request.method, reply.raw.headersSent ? reply.statusCode : clientLeft, reply.elapsedTime)
    log.info('request', { ...describeRequest(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) })
  })
}

export function describeRequest(request: FastifyRequest): { request: string; method: string; path: string } {
  return { request: request.id, method: request.method, path: splitTarget(request.originalUrl)[0] }
}
