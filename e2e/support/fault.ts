import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** What goes wrong with one answer. Offsets are bytes of the whole file, or of the body where the answer is a part of it. */
export type Fault =
  /** The connection is reset, or ends in good order, before the body is whole. */
  | { readonly kind: 'reset' | 'end'; readonly after: number }
  /** The body stops for a while, and then the connection is reset. */
  | { readonly kind: 'stall'; readonly after: number; readonly milliseconds: number }
  /** The body comes whole, piece by piece. */
  | { readonly kind: 'drip'; readonly pieces: number; readonly milliseconds: number }
  /** A shorter body, whose Content-Length says so. */
  | { readonly kind: 'short'; readonly after: number }
  /** Without a Content-Length; ends too early. */
  | { readonly kind: 'unsized'; readonly after: number }
  /** One byte is another, and nothing tells. */
  | { readonly kind: 'flip'; readonly at: number }
  /** Another file, with an entity tag of its own. */
  | { readonly kind: 'other' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** A redirect to itself. */
  | { readonly kind: 'loop' }
  /** The connection is reset before anything is said. */
  | { readonly kind: 'hang-up' }

/** An answer as it would be without a fault. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Sends an answer with what goes wrong with it. Resolves with the bytes of the body that were given to the connection. */
export async function sendFaulty(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): Promise<number> {
  if (fault === undefined) return sendWhole(response, answer)
  switch (fault.kind) {
    case 'flip':
    case 'other':
      return sendWhole(response, answer)
    case 'hang-up':
      request.socket.resetAndDestroy()
      return 0
    case 'status':
      response.writeHead(
        fault.status,
        fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
      )
      response.end()
      return 0
    case 'loop':
      response.writeHead(302, { location: request.url }).end()
      return 0
    case 'short':
      return sendWhole(response, { ...answer, body: answer.body.subarray(0, fault.after) })
    case 'drip':
      return sendSlowly(response, answer, fault)
    default:
      return sendPart(request, response, answer, fault)
  }
}

function sendWhole(response: ServerResponse, { status, headers, body }: Answer): number {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
  return body.length
}

async function sendSlowly(
  response: ServerResponse,
  { status, headers, body }: Answer,
  { pieces, milliseconds }: Extract<Fault, { kind: 'drip' }>,
): Promise<number> {
  response.writeHead(status, { ...headers, 'content-length': body.length })
  const size = Math.ceil(body.length / pieces)
  for (let from = 0; from < body.length && !response.destroyed; from += size) {
    response.write(body.subarray(from, from + size))
    await pause(milliseconds)
  }
  response.end()
  return body.length
}

async function sendPart(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
  fault: Extract<Fault, { kind: 'reset' | 'end' | 'stall' | 'unsized' }>,
): Promise<number> {
  response.writeHead(status, { ...headers, ...(fault.kind !== 'unsized' && { 'content-length': body.length }) })
  response.flushHeaders()
  const part = body.subarray(0, fault.after)
  await new Promise((resolve) => response.write(part, resolve))
  if (fault.kind === 'stall') await pause(fault.milliseconds)
  if (fault.kind === 'reset' || fault.kind === 'stall') request.socket.resetAndDestroy()
  else request.socket.end()
  return part.length
}
