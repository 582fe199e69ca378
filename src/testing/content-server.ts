import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ContentHandler } from '../http/content/content-handler.ts'

/** What came back, whole. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export interface ContentServer {
  readonly server: Server
  readonly port: number
  /** `path` goes out as it is, undecoded. Rejects when the connection breaks before the end. */
  ask(path: string, options?: { method?: string; headers?: Record<string, string> }): Promise<Answer>
  close(): void
}

/** A server on a free port; what the handler does not take over is answered with 421. */
export async function contentServer(handler: ContentHandler): Promise<ContentServer> {
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    if (!handler(incoming, response)) response.writeHead(421).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    ask: (path, options = {}) => ask(port, path, options),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string> },
): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port, path, agent: false, ...options })
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const body = Buffer.concat(await Array.fromAsync<Buffer>(incoming))
  return { status: incoming.statusCode ?? 0, headers: incoming.headers as Answer['headers'], body }
}
