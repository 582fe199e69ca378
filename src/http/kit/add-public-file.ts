import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { PublicFile } from './public-file.ts'

/** Serves a file to be revalidated by its ETag. */
export function addPublicFile(app: FastifyInstance, file: PublicFile): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: file.path,
    handler: async (request, reply) => {
      const bytes = await file.read()
      const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
      reply.headers({ etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff', ...file.headers })
      if (names(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type(file.type).send(bytes)
    },
  })
}

/** RFC 9110 §13.1.2, compared weakly. */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.match(/"[^"]*"/g)?.some((tag) => tag === etag) === true
}
