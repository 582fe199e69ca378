import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Route } from '../src/http/kit/route.ts'
import { pulpRoutes } from '../src/http/pulp/pulp-api.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { PulpServer } from '../src/testing/pulp-server.ts'
import { SeededRandom } from '../src/testing/seeded-random.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { hostileRequest } from './support/fuzz/hostile-request.ts'
import type { RawAnswer, RawRequest } from './support/fuzz/raw-request.ts'
import { isNoHttp, sendRaw } from './support/fuzz/raw-request.ts'
import { memoryOf } from './support/processes.ts'
import { isLong } from './support/project.ts'
import { startServer, testFolder } from './support/servers.ts'

/** Of each route; and how many at once. */
const rounds = isLong ? 300 : 12
const lanes = 8
const seed = Number(process.env['DECKLE_TEST_SEED'] ?? 1)
/** What requests may make the server hold on to, MB; one may bring a body of some of them. */
const mostGrowth = 150

const secrets = { admin: 'admin-hush-1', feed: 'feed-hush-2', proxy: 'proxy-hush-3', user: 'user-hush-4' }

onOneDatabase('wrong requests', (fresh) => {
  test('on every route get a clear answer: no failure of the server, no secret, no memory', async (t) => {
    t.diagnostic(`seed ${seed} (DECKLE_TEST_SEED)`)
    const fuzz = await Fuzz.open(t, await fresh.preparedUrl())
    const routes = pulpRoutes(new PulpServer().services)
    await fuzz.round(routes)
    const before = memoryOf(fuzz.server.pid).now
    for (let round = 1; round < rounds; round++) await fuzz.round(routes)
    t.diagnostic(`${fuzz.sent} requests to ${routes.length} routes, answers ${JSON.stringify(fuzz.answers)}`)
    assert.deepEqual(fuzz.faults, [])
    assert.equal((await fetch(`${fuzz.server.url}/pulp/api/v2/status/`)).status, 200)
    assert.doesNotMatch(fuzz.server.log, /request failed|uncaught|unhandled/i)
    const growth = memoryOf(fuzz.server.pid).now - before
    t.diagnostic(`memory grew by ${Math.round(growth)} MB`)
    assert.ok(growth < mostGrowth, `the server holds ${growth} MB more`)
    fuzz.requireReach(routes)
  })
})

class Fuzz {
  readonly server: DeckleServer
  readonly faults: string[] = []
  /** Status → how often. */
  readonly answers: Record<string, number> = {}
  sent = 0
  readonly #token: string
  readonly #random = new SeededRandom(seed)
  readonly #known = {
    ids: ['zoo', 'iso_importer', 'iso_distributor', 'iso', 'admin', 'super-users'],
    hrefs: new Set<string>(),
  }
  readonly #port: number
  /** Routes that have answered something else than that the path or the body is wrong. */
  readonly #reached = new Set<Route>()

  private constructor(server: DeckleServer, token: string) {
    this.server = server
    this.#token = token
    this.#port = Number(new URL(server.url).port)
  }

  static async open(t: TestContext, databaseUrl: string): Promise<Fuzz> {
    const settings = { DECKLE_ADMIN_PASSWORD: secrets.admin, DECKLE_WORKERS: '1', DECKLE_LOG_LEVEL: 'warn' }
    const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl, settings })
    return new Fuzz(server, (await readFile(join(server.dataDir, 'cli-token'), 'utf8')).trim())
  }

  /** One request to each route. */
  async round(routes: readonly Route[]): Promise<void> {
    await this.#seed()
    await this.#send(routes)
  }

  /** What the requests are about, again where they have deleted it. */
  async #seed(): Promise<void> {
    const distributor = { distributor_id: 'iso_distributor', distributor_type_id: 'iso_distributor' }
    const importer_config = {
      feed: 'http://127.0.0.1:1/',
      basic_auth_username: 'me',
      basic_auth_password: secrets.feed,
    }
    await this.#call('POST', 'repositories/', {
      id: 'zoo',
      importer_type_id: 'iso_importer',
      importer_config: {
        ...importer_config,
        proxy_host: 'http://p',
        proxy_username: 'p',
        proxy_password: secrets.proxy,
      },
      distributors: [{ ...distributor, distributor_config: { serve_http: true, serve_https: false } }],
    })
    await this.#call('POST', 'users/', { login: 'guest', password: secrets.user })
    const schedules = ['importers/iso_importer/schedules/sync/', 'distributors/iso_distributor/schedules/publish/']
    for (const path of schedules)
      await this.#call('POST', `repositories/zoo/${path}`, { schedule: 'P1D', enabled: false })
    for (const path of ['repositories/', 'tasks/?tag=pulp:repository:zoo']) await this.#call('GET', path)
  }

  /** Several at a time. */
  async #send(routes: readonly Route[]): Promise<void> {
    const waiting = routes.map((route) => ({
      route,
      request: hostileRequest(this.#random, this.#known, route, this.#token),
    }))
    const lane = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await this.#try(next.route, next.request)
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }

  /** Throws when requests to a route never got as far as its work: they would show nothing. */
  requireReach(routes: readonly Route[]): void {
    const missed = routes.filter((route) => !this.#reached.has(route)).map(({ method, path }) => `${method} ${path}`)
    assert.ok(missed.length <= routes.length / (isLong ? 10 : 3), `never reached: ${missed.join(', ')}`)
  }

  async #try(route: Route, request: RawRequest): Promise<void> {
    // Whoever deletes the only user that can do anything has nothing more to find out.
    if (request.method !== 'GET' && /users\/+admin/.test(request.target)) return
    const answer = await sendRaw(this.#port, request)
    this.sent += 1
    this.answers[answer.status] = (this.answers[answer.status] ?? 0) + 1
    for (const [href] of answer.all.matchAll(/\/pulp\/api\/v2\/[\w%./-]+\//g)) this.#remember(href)
    if (![0, 301, 401, 404, 405].includes(answer.status) && !/PLP10(09|15)/.test(answer.all)) this.#reached.add(route)
    const fault = this.#faultOf(answer, request)
    if (fault !== undefined) this.faults.push(`${fault}: ${describe(request)} → ${answer.all.slice(0, 1_500)}`)
  }

  #remember(href: string): void {
    const { hrefs } = this.#known
    if (hrefs.size < 300 && href.length < 200) hrefs.add(href)
  }

  #faultOf({ status, all }: RawAnswer, request: RawRequest): string | undefined {
    if (status >= 500) return 'failed'
    if (status === 0 && !isNoHttp(request)) return 'no answer'
    const told = Object.values({ ...secrets, token: this.#token }).find((secret) => all.includes(secret))
    return told === undefined ? undefined : `told the secret ${told}`
  }

  async #call(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.server.url}/pulp/api/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    for (const [href] of (await response.text()).matchAll(/\/pulp\/api\/v2\/[\w%./-]+\//g)) this.#remember(href)
  }
}

function describe({ method, target, headers, body, contentLength }: RawRequest): string {
  const shown = headers.filter((header) => !header.startsWith('Authorization: Bearer'))
  const length = contentLength === undefined ? '' : ` length ${contentLength}`
  return `${method} ${target.slice(0, 500)} ${shown.join(' | ').slice(0, 200)}${length} ${body.toString('latin1').slice(0, 1_000)}`
}
