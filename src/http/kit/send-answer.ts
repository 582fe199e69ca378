import type { FastifyReply } from 'fastify'
import { streamJsonArray } from './json-stream.ts'
import type { Answer } from './route.ts'

const jsonType = 'application/json; charset=utf-8'

/** Prints an answer. 201 has the reason phrase `CREATED` (pulp2-api §1.1). */
export async function sendAnswer(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  const body = 'items' in answer ? await streamJsonArray(answer.items) : undefined
  reply.code(answer.status).headers(answer.headers ?? {})
  if (answer.status === 201) reply.raw.statusMessage = 'CREATED'
  if ('empty' in answer) return reply.send()
  reply.header('content-type', jsonType)
  return reply.send('json' in answer ? JSON.stringify(answer.json) : body)
}
