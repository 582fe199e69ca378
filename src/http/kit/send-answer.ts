import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { streamJsonArray } from './json-stream.ts'
import type { Answer, Items } from './route.ts'

const jsonType = 'application/json; charset=utf-8'

/** Prints an answer. */
export async function sendAnswer(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  const body = 'items' in answer ? await openItems(reply, answer.items) : undefined
  reply.code(answer.status).headers(answer.headers ?? {})
  if ('empty' in answer) return reply.send()
  reply.header('content-type', jsonType)
  return reply.send('json' in answer ? JSON.stringify(answer.json) : body)
}

/** A HEAD is answered without reading the collection: fastify would read all of it for nothing. */
function openItems(reply: FastifyReply, items: Items): Readable | Promise<Readable> {
  return reply.request.method === 'HEAD' ? Readable.from([]) : streamJsonArray(items)
}
