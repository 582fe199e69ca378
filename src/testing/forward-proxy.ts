import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after } from 'node:test'

export interface ForwardProxy {
  /** What it was asked for: an address, or a host and port to make a tunnel to. */
  readonly seen: readonly { readonly target: string; readonly authorization: string | undefined }[]
  readonly port: number
}

/** A forward proxy that notes what it was asked; it refuses everybody with `refusal`. Closed when the test ends. */
export async function startProxy(refusal?: number): Promise<ForwardProxy> {
  const seen: { target: string; authorization: string | undefined }[] = []
  const note = (target = '', authorization: string | undefined) => seen.push({ target, authorization })
  const proxy = createServer((request, response) => {
    note(request.url, request.headers['proxy-authorization'])
    if (refusal !== undefined) return void response.writeHead(refusal).end()
    const forwarded = httpRequest(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    forwarded.end()
  })
  proxy.on('connect', (request, socket) => {
    note(request.url, request.headers['proxy-authorization'])
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} Refused\r\n\r\n`)
    const [host, port] = (request.url ?? '').split(':')
    const tunnel = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      tunnel.pipe(socket).pipe(tunnel)
    })
    socket.on('error', () => tunnel.destroy())
    tunnel.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  after(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { seen, port: (proxy.address() as AddressInfo).port }
}
