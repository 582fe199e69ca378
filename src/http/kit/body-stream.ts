import type { IncomingMessage } from 'node:http'

/** The body of a request as it comes: whoever reads it slowly slows down the client. */
export interface BodyStream {
  /** Read once; a reader that stops early leaves the connection as it is. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** What the client says of its length, in bytes; 0 when it does not say. */
  readonly announced: number
}

/** What marks a request whose body nobody gathers, in place of the content type, which is never looked at. */
export const streamType = 'application/octet-stream'

export function bodyStream(request: IncomingMessage): BodyStream {
  return {
    bytes: request.iterator({ destroyOnReturn: false }),
    announced: Number(request.headers['content-length'] ?? 0),
  }
}
