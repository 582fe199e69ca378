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

/** For a HEAD only the first item is looked at, which may be missing as a whole; fastify would read all of them for nothing. */
async function openItems(reply: FastifyReply, items: Items): Promise<Readable> {
  const stream = await streamJsonArray(items)
  if (reply.request.method !== 'HEAD') return stream
  stream.destroy()
  return Readable.from([])
}
