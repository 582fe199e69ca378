import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { Client } from 'pg'

/** The wire between a server and its database, which a test can cut and mend. */
export class Cable {
  /** Of the database, through the cable. */
  readonly url: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #cut = false

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  /** Lies until the test ends. */
  static async to(t: TestContext, databaseUrl: string): Promise<Cable> {
    const { host, port, user = '', password, database = '' } = new Client({ connectionString: databaseUrl })
    const target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const secret = typeof password === 'string' ? `:${encodeURIComponent(password)}` : ''
    const { port: own } = server.address() as AddressInfo
    const cable = new Cable(server, `postgres://${user}${secret}@127.0.0.1:${own}/${database}`)
    server.on('connection', (near) => cable.#join(near, target))
    t.after(() => cable.#remove())
    return cable
  }

  /** Both ends notice at once, and nobody comes through. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) end(socket)
  }

  mend(): void {
    this.#cut = false
  }

  #join(near: Socket, target: { path: string } | { host: string; port: number }): void {
    if (this.#cut) return void end(near)
    const far = connect(target)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }

  async #remove(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** By a reset, as a broken wire does; the end at a unix socket has no such thing. */
function end(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}
