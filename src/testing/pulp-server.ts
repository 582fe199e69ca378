import { after } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { DeckleError } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import { Plugins } from '../core/plugin.ts'
import { superUsers, type User } from '../core/user.ts'
import type { AppOptions } from '../http/kit/create-app.ts'
import type { Route } from '../http/kit/route.ts'
import { createPulpApi, pulpRoutes } from '../http/pulp/pulp-api.ts'
import type { PulpServices } from '../http/pulp/services.ts'
import type { ConsumerServices } from '../operations/consumers/consumer-services.ts'
import { checkCall } from './check-call.ts'
import { MemoryAccess } from './memory-access.ts'
import { memoryAuthority } from './memory-authority.ts'
import { MemoryContentSources } from './memory-content-sources.ts'
import { MemoryEventListeners } from './memory-event-listeners.ts'
import { MemoryHistories } from './memory-histories.ts'
import { MemoryOperations } from './memory-operations.ts'
import { MemoryOrphans } from './memory-orphans.ts'
import { MemoryRepositories } from './memory-repositories.ts'
import { MemoryRepositoryGroups } from './memory-repository-groups.ts'
import { MemorySchedules } from './memory-schedules.ts'
import { MemorySearches } from './memory-searches.ts'
import { memorySigner } from './memory-signer.ts'
import { MemoryTasks } from './memory-tasks.ts'
import { MemoryUnits } from './memory-units.ts'
import { MemoryUploads } from './memory-uploads.ts'
import { MemoryVersionHistory } from './memory-version-history.ts'
import { stubPlugin } from './stub-plugin.ts'

/** The Pulp API over stores in memory. A login is all that proves it; `admin` may do everything, `guest` nothing. */
export class PulpServer {
  readonly repositories = new MemoryRepositories()
  readonly repositoryGroups = new MemoryRepositoryGroups(this.repositories)
  readonly eventListeners = new MemoryEventListeners()
  readonly contentSources = new MemoryContentSources()
  readonly tasks = new MemoryTasks()
  readonly histories = new MemoryHistories()
  readonly schedules = new MemorySchedules(this.repositories)
  readonly plugins = new Plugins([stubPlugin])
  readonly units = new MemoryUnits()
  readonly versions = new MemoryVersionHistory()
  readonly orphans = new MemoryOrphans()
  readonly uploads = new MemoryUploads()
  readonly access = new MemoryAccess()
  readonly services: PulpServices
  readonly app: FastifyInstance
  readonly #routes: readonly Route[]

  constructor(options: Partial<AppOptions> & { services?: Partial<PulpServices> } = {}) {
    const { services = {}, log = silentLog, ...rest } = options
    this.services = { ...this.#inMemory(), ...services }
    void this.access.users.add({ login: 'admin', name: 'admin', passwordHash: null, roles: [superUsers] })
    void this.access.users.create({ login: 'guest', name: 'guest', passwordHash: null }, [])
    this.app = createPulpApi(this.services, { log, ...rest })
    this.#routes = pulpRoutes(this.services)
    after(() => this.app.close())
  }

  /**
   * Sends a request as `admin` and reads the answer, which must be one that the route lists. `body` is sent as JSON, a string as it is.
   */
  async call(method: Method, target: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await callApi(this.app, method, target, body, { authorization: 'admin', ...headers })
    checkCall(this.#routes, { method, target: inRoot(target), body }, answer)
    return answer
  }

  #inMemory(): PulpServices {
    const { repositories, tasks, histories, plugins } = this
    return {
      repositories,
      tasks,
      histories,
      schedules: this.schedules,
      plugins,
      repositoryGroups: this.repositoryGroups,
      eventListeners: this.eventListeners,
      contentSources: this.contentSources,
      contentCatalog: { clear: async (id) => (id === 'near' ? 3 : 0) },
      notifierRules: { mail: true, refusal: (hostname) => (hostname === '169.254.1.1' ? 'it is refused' : undefined) },
      exports: { require: async () => {} },
      units: this.units,
      versions: this.versions,
      orphans: this.orphans,
      uploads: this.uploads,
      searches: new MemorySearches(repositories, tasks, plugins, this.access, this.repositoryGroups),
      operations: new MemoryOperations(
        repositories,
        tasks,
        plugins,
        this.orphans,
        this.schedules,
        this.repositoryGroups,
        this.contentSources,
      ),
      authority: memoryAuthority(),
      signer: memorySigner(),
      consumerExists: async () => false,
      consumers: onDatabaseOnly(),
      platformVersion: '2.8.7',
      users: this.access.users,
      roles: this.access.roles,
      grants: this.access.grants,
      authenticate: (header) => this.#authenticate(header),
      status: async () => ({
        databaseConnected: true,
        workers: await tasks.workers(),
      }),
      runningTasks: () => tasks.running(),
    }
  }

  async #authenticate(header = ''): Promise<User> {
    const user = await this.access.users.find(header)
    if (user === undefined) throw new DeckleError('unauthenticated', 'Authentication failed')
    return user
  }
}

/** Services of which there are none in memory: whatever is asked for is not there. */
function onDatabaseOnly(): ConsumerServices {
  const absent: ProxyHandler<() => never> = { get: () => new Proxy(fail, absent) }
  return new Proxy(fail, absent) as unknown as ConsumerServices
}

function fail(): never {
  throw new DeckleError('not-found', 'consumers are tried on a database only', { resources: { consumer: 'any' } })
}

/** Sends a request without a socket; `target` may leave out the API's root. */
export async function callApi(
  app: FastifyInstance,
  method: Method,
  target: string,
  body: unknown,
  headers: Record<string, string>,
) {
  const response = await app.inject({
    method,
    url: inRoot(target),
    headers,
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return {
    status: response.statusCode,
    reason: response.statusMessage,
    headers: response.headers,
    text: response.body,
    json: response.body === '' ? undefined : JSON.parse(response.body),
  }
}

function inRoot(target: string): string {
  return target.startsWith('/') ? target : `/pulp/api/v2/${target}`
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PATCH'
