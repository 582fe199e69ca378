import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { connect } from 'node:tls'
import { eventually } from '../../src/testing/eventually.ts'

const clientsOfAKind = 4

/** Clients that ask over TLS without a pause: some on connections that they keep, some on a new one each time. */
export class SecureLoad {
  /** What was not a 200 with the whole file. */
  readonly failures: string[] = []
  /** Answers on connections that are kept, and on new ones. */
  readonly answers = { kept: 0, fresh: 0 }
  readonly #kept: Agent
  readonly #clients: readonly Promise<void>[]
  /** Of connections that are kept: how many have been opened. */
  #opened = 0
  #stopped = false

  constructor(url: string, ca: string, expected: Buffer) {
    this.#kept = new Agent({ keepAlive: true, maxSockets: clientsOfAKind })
    const fresh = new Agent({ keepAlive: false })
    const ask = (agent: Agent) => this.#ask(url, ca, agent, expected)
    this.#clients = Array.from({ length: clientsOfAKind }).flatMap(() => [
      this.#repeat('kept', () => ask(this.#kept)),
      this.#repeat('fresh', () => ask(fresh)),
    ])
  }

  /** Connections that have been opened to be kept. */
  get opened(): number {
    return this.#opened
  }

  /** Resolves when so many more answers of each kind have come. */
  async goesOn(count: number): Promise<void> {
    const { kept, fresh } = this.answers
    await eventually(() => this.answers.kept >= kept + count && this.answers.fresh >= fresh + count)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
    this.#kept.destroy()
  }

  async #repeat(kind: 'kept' | 'fresh', ask: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      await ask().catch((error: unknown) => void this.failures.push(`${kind}: ${error}`))
      this.answers[kind]++
    }
  }

  async #ask(url: string, ca: string, agent: Agent, expected: Buffer): Promise<void> {
    const call = request(url, { agent, ca }).end()
    call.on('socket', () => {
      if (agent === this.#kept && !call.reusedSocket) this.#opened++
    })
    const [answer] = (await once(call, 'response')) as [IncomingMessage]
    const body = Buffer.concat(await Array.fromAsync<Buffer>(answer))
    if (answer.statusCode !== 200 || !body.equals(expected)) {
      throw new Error(`${answer.statusCode} with ${body.length} bytes`)
    }
  }
}

/** The fingerprint of the certificate that a new connection is shown. */
export async function shownBy(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}
