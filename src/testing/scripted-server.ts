import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

export interface SeenRequest {
  readonly method: string
  /** Path with query, as it came. */
  readonly target: string
  readonly authorization: string | undefined
  /** Parsed JSON; undefined when there was no body. */
  readonly body: unknown
}

export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown
}

export type Script = (request: SeenRequest, count: number) => ScriptedAnswer | undefined

/**
 * An HTTP server on a free port that answers as the script says (404 `null` where it says nothing) and remembers what
 * it was asked. `count` is how often this method and target came before. Closed after the test file.
 */
export async function scriptedServer(script: Script): Promise<{ url: string; requests: SeenRequest[] }> {
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    void read(request).then((seen) => {
      const count = requests.filter((one) => one.method === seen.method && one.target === seen.target).length
      requests.push(seen)
      answer(response, script(seen, count))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests }
}

/** An address at which nobody listens (any more). */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

async function read(request: IncomingMessage): Promise<SeenRequest> {
  let text = ''
  for await (const chunk of request) text += chunk
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    authorization: request.headers.authorization,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

function answer(response: ServerResponse, scripted: ScriptedAnswer = { status: 404, body: null }): void {
  const { status = 200, headers = {}, body = null } = scripted
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
