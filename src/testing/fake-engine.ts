import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'

interface Answer {
  readonly status: number
  readonly body: string
}

interface Recording {
  readonly version: object
  readonly images: readonly object[]
  readonly absent: Answer
  readonly pulls: Readonly<Record<string, Answer>>
}

const files = { docker: 'docker-20.10.json', podman: 'podman-4.3.json' } as const

/** What a real engine of that kind answered; the images were pulled from registries on ports 5100 (open) and 5101 (with a password). */
export function recordingOf(kind: keyof typeof files): Recording {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'engine-recordings', files[kind]), 'utf8'))
}

export interface SeenPull {
  /** `127.0.0.1:5100/team/app:one`. */
  readonly image: string
  readonly auth: string | undefined
  /** The client went away before the end. */
  aborted: boolean
}

/** An engine behind a unix socket that replays what a real one said. */
export class FakeEngine {
  readonly socket: string
  readonly pulls: SeenPull[] = []
  /** Names that `inspect` finds. */
  readonly present = new Set<string>()
  /** Which recorded answer a pull gets; `new` when nothing is said. */
  answerTo: (pull: SeenPull) => string | Answer = () => 'new'
  /** Resolved before the second line of a pull's stream. */
  gate: Promise<void> = Promise.resolve()
  readonly #recording: Recording
  readonly #server: Server

  private constructor(socket: string, recording: Recording) {
    this.socket = socket
    this.#recording = recording
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(kind: keyof typeof files, folder: string, name = kind): Promise<FakeEngine> {
    const engine = new FakeEngine(join(folder, `${name}.sock`), recordingOf(kind))
    await new Promise<void>((resolve) => engine.#server.listen(engine.socket, resolve))
    return engine
  }

  /** Breaks off everything that it is doing. */
  drop(): void {
    this.#server.closeAllConnections()
  }

  async stop(): Promise<void> {
    this.drop()
    await new Promise((resolve) => this.#server.close(resolve))
    await rm(this.socket, { force: true })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://engine')
    const { version, images, absent } = this.#recording
    if (url.pathname === '/version') return give(response, 200, version)
    if (url.pathname === '/images/json') return give(response, 200, images)
    if (url.pathname === '/images/create') return this.#pull(url.searchParams, request, response)
    const name = decodeURI(url.pathname).replace(/^\/images\/(.*)\/json$/, '$1')
    if (this.present.has(name)) return give(response, 200, { Id: 'sha256:0' })
    response.writeHead(absent.status).end(absent.body)
  }

  async #pull(query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tag = query.get('tag') ?? ''
    const image = `${query.get('fromImage')}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`
    const auth = request.headers['x-registry-auth']
    const pull = { image, auth: typeof auth === 'string' ? auth : undefined, aborted: false }
    this.pulls.push(pull)
    response.on('close', () => {
      pull.aborted = !response.writableFinished
    })
    const chosen = this.answerTo(pull)
    const answer = typeof chosen === 'string' ? this.#recording.pulls[chosen] : chosen
    if (answer === undefined) throw new Error(`no recording ${chosen}`)
    const [first, ...rest] = answer.body.split(/(?<=\n)/)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).write(first)
    await this.gate
    response.end(rest.join(''))
  }
}

function give(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
