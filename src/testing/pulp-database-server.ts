import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { silentLog } from '../core/log.ts'
import { superUsers } from '../core/user.ts'
import type { Route } from '../http/kit/route.ts'
import { createPulpApi, pulpRoutes } from '../http/pulp/pulp-api.ts'
import { hashPassword } from '../operations/passwords.ts'
import { compose, type Services } from '../server/compose.ts'
import { type Config, readConfig } from '../server/config.ts'
import { pulpServices } from '../server/pulp-services.ts'
import { checkCall } from './check-call.ts'
import type { FreshDatabases } from './databases.ts'
import { callApi } from './pulp-server.ts'

const authorization = `Basic ${Buffer.from('admin:right').toString('base64')}`

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** The Pulp API on the real operations, stores and plugins, asked by `admin`. Nobody runs the tasks. Every answer is held to its route. */
export class PulpDatabaseServer {
  readonly services: Services
  readonly #app: FastifyInstance
  readonly #routes: readonly Route[]

  constructor(services: Services, config: Config) {
    const api = pulpServices(services, config)
    this.services = services
    this.#routes = pulpRoutes(api)
    this.#app = createPulpApi(api, { log: silentLog })
  }

  /** `target` may leave out the API's root. */
  async call(method: Method, target: string, body?: unknown) {
    const answer = await callApi(this.#app, method, target, body, { authorization })
    const whole = target.startsWith('/') ? target : `/pulp/api/v2/${target}`
    checkCall(this.#routes, { method, target: whole, body }, answer)
    return answer
  }

  async close(): Promise<void> {
    await this.#app.close()
    await this.services.opened.close()
  }
}

/** One for all tests of a suite. Call it in the suite, and what it returns in the tests. */
export function sharedPulpApi(fresh: FreshDatabases): () => PulpDatabaseServer {
  let server: PulpDatabaseServer | undefined
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-'))
    const config = readConfig({ DECKLE_DATA_DIR: folder })
    const services = await compose(config, (await fresh.open()).url, silentLog, 4)
    const passwordHash = await hashPassword('right')
    await services.users.put({ login: 'admin', name: 'admin', passwordHash, roles: [superUsers] })
    server = new PulpDatabaseServer(services, config)
  })
  after(async () => {
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })
  return () => {
    if (server === undefined) throw new Error('the server is there in tests only')
    return server
  }
}
