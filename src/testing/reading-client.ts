import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'

/** A client that reads an answer as it comes, and can stop or leave. */
export class ReadingClient {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Resolves with the body if it ended well, undefined if it was cut. */
  readonly body: Promise<Buffer | undefined>
  readonly #request: ClientRequest
  readonly #incoming: IncomingMessage
  #received = 0
  #more = Promise.withResolvers<void>()

  private constructor(outgoing: ClientRequest, incoming: IncomingMessage) {
    this.#request = outgoing
    this.#incoming = incoming
    this.status = incoming.statusCode ?? 0
    this.headers = incoming.headers
    this.body = this.#collect()
  }

  /** Resolves with the head of the answer. */
  static async get(port: number, path: string, headers: Record<string, string> = {}): Promise<ReadingClient> {
    const outgoing = request({ host: '127.0.0.1', port, path, agent: false, headers }).end()
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    return new ReadingClient(outgoing, incoming)
  }

  get received(): number {
    return this.#received
  }

  /** Resolves when so many bytes have come, or none will any more. */
  async until(bytes: number): Promise<void> {
    while (this.#received < bytes && !this.#incoming.destroyed) await this.#more.promise
  }

  pause(): void {
    this.#incoming.pause()
  }

  resume(): void {
    this.#incoming.resume()
  }

  leave(): void {
    this.#request.destroy()
  }

  #collect(): Promise<Buffer | undefined> {
    const chunks: Buffer[] = []
    const told = () => {
      this.#more.resolve()
      this.#more = Promise.withResolvers()
    }
    this.#incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      this.#received += chunk.length
      told()
    })
    this.#incoming.on('error', () => undefined)
    return new Promise((resolve) => {
      this.#incoming.on('close', () => {
        resolve(this.#incoming.complete ? Buffer.concat(chunks) : undefined)
        told()
      })
    })
  }
}
