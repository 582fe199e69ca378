import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { DeckleError } from '../../core/errors.ts'

/** Answers a request for a WebSocket that is not granted, and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const known = error instanceof DeckleError
  const status = known && error.kind === 'unauthenticated' ? 401 : known && error.kind === 'forbidden' ? 403 : 503
  const message = known ? error.message : 'The server cannot answer at the moment'
  const body = JSON.stringify({ type: 'error', status, code: STATUS_CODES[status] ?? '', message })
  // A client that does not close its side would keep the connection.
  socket.once('finish', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...(status === 401 ? ['WWW-Authenticate: Basic realm="Deckle"'] : []),
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
