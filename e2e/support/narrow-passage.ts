import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { TestContext } from 'node:test'

/** A way to a server through which only so many bytes come until it is opened. */
export class NarrowPassage {
  /** `127.0.0.1:5000`. */
  readonly address: string
  #left: number
  readonly #waiting: (() => void)[] = []

  private constructor(address: string, bytes: number) {
    this.address = address
    this.#left = bytes
  }

  static async to(t: TestContext, target: string, bytes: number): Promise<NarrowPassage> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const passage = new NarrowPassage(`127.0.0.1:${port}`, bytes)
    const [host = '', targetPort = ''] = target.split(':')
    const sockets = new Set<{ destroy(): void }>()
    server.on('connection', (near) => {
      const far = connect(Number(targetPort), host)
      for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
        sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => other.destroy())
      }
      near.pipe(far)
      far.on('data', (chunk) => {
        near.write(chunk)
        passage.#left -= chunk.length
        if (passage.#left > 0) return
        far.pause()
        passage.#waiting.push(() => far.resume())
      })
      far.on('end', () => near.end())
    })
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return passage
  }

  /** Somebody waits for more. */
  get isStuck(): boolean {
    return this.#waiting.length > 0
  }

  open(): void {
    this.#left = Number.POSITIVE_INFINITY
    for (const go of this.#waiting.splice(0)) go()
  }
}
