import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'

/** By connection: it shows one certificate, once. */
const shown = new WeakMap<TLSSocket, X509Certificate | undefined>()

/** What the client has shown on this connection, with its key in hand; whoever has signed it. */
export function clientCertificate({ socket }: Pick<IncomingMessage, 'socket'>): X509Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  if (!shown.has(socket)) shown.set(socket, socket.getPeerX509Certificate())
  return shown.get(socket)
}
