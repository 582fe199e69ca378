import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request byte by byte, so that it may be as wrong as it likes. */
export interface RawRequest {
  readonly method: string
  /** One character a byte. */
  readonly target: string
  /** One character a byte, without `Host`, `Connection` and `Content-Length`. */
  readonly headers: readonly string[]
  readonly body: Buffer
  /** What the request says of its length; the truth when absent. */
  readonly contentLength?: string
}

export interface RawAnswer {
  /** 0 when the server hung up without an answer. */
  readonly status: number
  /** Status line, headers and body, one character a byte. */
  readonly all: string
}

const patienceMs = 60_000

/** Sends it on a connection of its own, and reads until the server hangs up. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.setEncoding('latin1')
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer within ${patienceMs} ms`)))
  // The server may hang up before it has read everything; what it has said until then counts.
  socket.on('error', () => undefined)
  socket.write(Buffer.from(head(request), 'latin1'))
  socket.write(request.body)
  // Half a close is a farewell to the server, so only what is shorter than announced ends with one.
  if (request.contentLength !== undefined) socket.end()
  const all = await text(socket).catch((error: NodeJS.ErrnoException) => hungUp(error))
  return { status: Number(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3})/.exec(all)?.[1] ?? 0), all }
}

/** No HTTP at all: a server may hang up on it with part of it unread, which makes the system forget the answer. */
export function isNoHttp(request: RawRequest): boolean {
  const text = head(request)
  const ambiguous = request.contentLength !== undefined || /^(Transfer-Encoding|Upgrade):/m.test(text)
  return ambiguous || text.length > 16 * 1024 || /[^\r\n\x20-\x7e]/.test(text)
}

function head({ method, target, headers, body, contentLength }: RawRequest): string {
  const length = contentLength ?? String(body.length)
  const lines = ['Host: fuzz', 'Connection: close', `Content-Length: ${length}`, ...headers]
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

function hungUp(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return ''
  throw error
}
