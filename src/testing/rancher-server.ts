import { once } from 'node:events'
import { Agent, createServer, type IncomingHttpHeaders, type Server, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { DeckleError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { type Log, silentLog } from '../core/log.ts'
import type { Actor } from '../core/managed.ts'
import { createRancherApi, type RancherApiOptions } from '../http/rancher/rancher-api.ts'
import { MemoryManaged, MemoryRollouts } from './memory-managed.ts'
import { MemoryResources } from './memory-resources.ts'

export interface RancherAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** `{}` for what is no JSON object. */
  readonly json: JsonObject
}

export interface RancherCall {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Objects are sent as JSON, without a content type, as gdapi does. */
  readonly body?: string | Buffer | JsonObject
}

/** The Rancher API over stores in memory, for tests that speak HTTP. The first account is `1a1`, the first project `1a2`. */
export class RancherServer {
  readonly resources = new MemoryResources()
  readonly operations = new MemoryManaged(this.resources)
  readonly rollouts = new MemoryRollouts()
  readonly actors = new Map<string, Actor>()
  readonly errors: string[] = []
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  accessControl = false

  private constructor(options: Partial<RancherApiOptions>) {
    const log: Log = {
      ...silentLog,
      error: (message, fields) => this.errors.push(`${message} ${JSON.stringify(fields)}`),
    }
    const api = createRancherApi(
      {
        resources: this.resources,
        operations: this.operations,
        rollouts: this.rollouts,
        accessControl: false,
        authenticate: async (header) => this.#authenticate(header),
        projectsOf: async ({ role }) => (role === 'project' ? [] : await this.#projects(role)),
      },
      { log, ...options },
    )
    this.#server = createServer((request, response) => {
      if (!api(request, response)) response.writeHead(418).end()
    })
  }

  static async start(options: Partial<RancherApiOptions> = {}): Promise<RancherServer> {
    const made = new RancherServer(options)
    await made.resources.create({
      type: 'account',
      owner: null,
      name: 'admin',
      state: 'active',
      data: { kind: 'admin' },
    })
    await made.resources.create({ type: 'project', owner: null, name: 'Default', state: 'active', data: {} })
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** `target` is a path, or a URL that an answer gave. */
  async call(target: string, { method = 'GET', headers = {}, body }: RancherCall = {}): Promise<RancherAnswer> {
    const path = target.startsWith('http') ? target.slice(new URL(target).origin.length) : target
    const { port } = this.#server.address() as AddressInfo
    const sent = send({ port, host: '127.0.0.1', path, method, headers, agent: this.#agent })
    sent.end(isText(body) ? body : JSON.stringify(body))
    const [answer] = await once(sent, 'response')
    const got: string = await text(answer)
    return { status: answer.statusCode, headers: answer.headers, text: got, json: parse(got) }
  }

  get(target: string, headers: Readonly<Record<string, string>> = {}): Promise<RancherAnswer> {
    return this.call(target, { headers })
  }

  post(target: string, body?: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<RancherAnswer> {
    return this.call(target, { method: 'POST', headers, ...(body !== undefined && { body }) })
  }

  close(): void {
    this.#agent.destroy()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** `Bearer <name>` of one of `actors`; everybody is the admin while there is no access control. */
  #authenticate(header: string | undefined): Actor {
    if (!this.accessControl) return { role: 'admin', account: 1, project: null, name: 'admin' }
    const actor = this.actors.get(header ?? '')
    if (actor === undefined) throw new DeckleError('unauthenticated', 'Who are you?')
    return actor
  }

  async #projects(role: string): Promise<readonly number[]> {
    const found = await this.resources.list({ types: ['project'], filters: [], limit: 100, offset: 0 })
    return found.map(({ key }) => key).filter((key) => role === 'admin' || key === 2)
  }
}

function isText(body: RancherCall['body']): body is string | Buffer | undefined {
  return body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
}

function parse(got: string): JsonObject {
  try {
    const value: unknown = JSON.parse(got)
    return isJsonObject(value) ? (value as JsonObject) : {}
  } catch {
    return {}
  }
}
