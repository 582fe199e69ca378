import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

const longestMs = 2_000

/**
 * Reads away what a client still sends although its answer is known, for a while. A connection that is closed over unread bytes
 * is reset, and the client may lose the answer with it (RFC 9112 §9.6). One that stays open has them read away by Node.
 */
export async function readRest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.complete || request.destroyed || response.shouldKeepAlive) return
  const patience = AbortSignal.timeout(longestMs)
  request.resume()
  await once(request, 'end', { signal: patience }).catch(() => undefined)
}
