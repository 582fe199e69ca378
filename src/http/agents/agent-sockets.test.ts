import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import WebSocket from 'ws'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Resource } from '../../core/resource.ts'
import type { PullEnd, PullReport } from '../../core/rollout.ts'
import type { HostGreeting, HostLink } from '../../operations/rollouts/host-link.ts'
import { eventually } from '../../testing/eventually.ts'
import { MemoryResources } from '../../testing/memory-resources.ts'
import { agentSockets } from './agent-sockets.ts'
import type { WebSockets } from './web-sockets.ts'

/** Stands for the rollouts of a process. */
class RecordingEngine {
  readonly heard: (readonly [string, unknown])[] = []
  link: HostLink | undefined
  greeting: HostGreeting | undefined

  async connect(_host: Resource, link: HostLink, greeting: HostGreeting): Promise<void> {
    this.link = link
    this.greeting = greeting
    this.heard.push(['connect', greeting.hostname])
  }

  async disconnect(host: number): Promise<void> {
    this.heard.push(['disconnect', host])
  }

  report(report: PullReport): void {
    this.heard.push(['report', report])
  }

  end(end: PullEnd, link: HostLink): void {
    this.heard.push(['end', end])
    link.acknowledge(end)
  }

  async images(_host: number, names: readonly string[]): Promise<void> {
    this.heard.push(['images', names])
  }
}

/** An agent that only talks. */
class TestAgent {
  readonly got: JsonObject[] = []
  readonly socket: WebSocket

  constructor(url: string, authorization = 'good') {
    this.socket = new WebSocket(url, { headers: { authorization } })
    this.socket.on('message', (data) => this.got.push(JSON.parse(String(data))))
    this.socket.on('error', () => undefined)
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
}

describe('the connection of an agent', () => {
  let server: Server
  let sockets: WebSockets
  let engine: RecordingEngine
  let url: string
  const open = async (aliveSeconds: number) => {
    engine = new RecordingEngine()
    const resources = new MemoryResources()
    const host = await resources.create({ type: 'host', owner: 1, name: 'east', state: 'active', data: {} })
    const authenticate = async (header: string | undefined) => {
      if (header === 'good') return host
      throw new DeckleError('unauthenticated', 'The keys of this agent are not good any more')
    }
    sockets = agentSockets({ door: { authenticate }, engine, aliveSeconds, hostId: (key) => `1h${key}` })
    server = createServer().on('upgrade', (request, socket, head) => {
      if (!sockets.handler(request, socket, head)) socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent/connect`
  }
  const close = () => {
    sockets.close()
    server.close()
  }
  before(() => open(15))
  after(close)

  const hello = { kind: 'hello', hostname: 'east.example', labels: { zone: 'eu' }, engine: 'docker 24', version: '1' }

  /** Welcomed, until the test ends. */
  async function connected(t: TestContext): Promise<TestAgent> {
    const agent = await greeting(t)
    await eventually(() => agent.got.length > 0 && engine.heard.at(-1)?.[0] === 'connect')
    return agent
  }

  async function greeting(t: TestContext): Promise<TestAgent> {
    const agent = new TestAgent(url)
    t.after(() => agent.socket.terminate())
    await once(agent.socket, 'open')
    agent.say({ ...hello, pulls: [{ pull: 7, attempt: 2 }, 'nonsense'] })
    return agent
  }

  it('is refused before it is made when its keys are not good', async () => {
    const { socket } = new TestAgent(url, 'bad')
    const [, answer] = await once(socket, 'unexpected-response')
    assert.equal(answer.statusCode, 401)
    assert.match(answer.headers['www-authenticate'], /^Basic /)
    answer.destroy()
  })

  it('begins with a greeting, which is answered', async (t) => {
    const agent = await connected(t)
    assert.deepEqual(agent.got, [{ kind: 'welcome', host: '1h1', aliveSeconds: 15 }])
    assert.deepEqual(engine.greeting, {
      hostname: 'east.example',
      labels: { zone: 'eu' },
      info: { engine: 'docker 24', agentVersion: '1' },
      pulls: [{ pull: 7, attempt: 2 }],
    })
    agent.socket.close()
    await eventually(() => engine.heard.at(-1)?.[0] === 'disconnect')
  })

  it('carries pulls to the host, and reports and ends back, in their order', async (t) => {
    const agent = await connected(t)
    engine.heard.length = 0
    const progress = {
      kind: 'progress',
      pull: 1,
      attempt: 1,
      bytes: 5,
      totalBytes: null,
      layers: [{ id: 'a', bytes: 5 }, 3],
    }
    agent.say(progress)
    agent.say('not json')
    agent.say({ kind: 'of another version' })
    agent.say({
      kind: 'images',
      images: [{ names: ['busybox', 'docker.io/library/x@no', 'quay.io/a/b:1'], id: 'i', size: 1 }],
    })
    agent.say({ kind: 'end', pull: 1, attempt: 1, outcome: 'failed', error: 'no such tag' })
    await eventually(() => agent.got.some(({ kind }) => kind === 'ack'))
    assert.deepEqual(engine.heard, [
      [
        'report',
        { host: 1, pull: 1, attempt: 1, bytes: 5, layers: [{ id: 'a', bytes: 5, totalBytes: null, done: false }] },
      ],
      ['images', ['busybox:latest', 'quay.io/a/b:1']],
      ['end', { host: 1, pull: 1, attempt: 1, outcome: 'failed', error: 'no such tag' }],
    ])
    assert.deepEqual(agent.got.at(-1), { kind: 'ack', pull: 1, attempt: 1 })
    const order = { pull: 3, attempt: 1, host: 1, task: 9, project: 1, image: 'quay.io/a/b', mode: 'cached' } as const
    const image = { registry: 'quay.io', repository: 'quay.io/a/b', tag: 'latest', digest: null, fullName: '' }
    const limits = { pullPolicy: 'IfNotPresent', parallelism: null, timeoutSeconds: 60, retries: 0 } as const
    const login = { serverAddress: 'quay.io', username: 'ann', password: 'secret', email: '' }
    const link = engine.link ?? assert.fail('there is no link')
    assert.ok(link.pull({ order: { ...order, ...limits }, image, login }))
    link.cancel(3)
    await eventually(() => agent.got.at(-1)?.['kind'] === 'cancel')
    const sent = { kind: 'pull', pull: 3, attempt: 1, repository: 'quay.io/a/b', tag: 'latest', digest: null }
    assert.deepEqual(agent.got.at(-2), {
      ...{ ...sent, onlyIfPresent: true, onlyIfAbsent: true, timeoutSeconds: 60, credential: login },
    })
    agent.socket.terminate()
    await eventually(() => engine.heard.at(-1)?.[0] === 'disconnect')
    assert.equal(link.pull({ order: { ...order, ...limits }, image }), false)
  })

  it('is cut when messages are larger than any agent has', async (t) => {
    const agent = await connected(t)
    agent.say('x'.repeat(9 * 1024 ** 2))
    const [code] = await once(agent.socket, 'close')
    assert.equal(code, 1009)
  })

  it('is cut when the agent is silent', async (t) => {
    close()
    await open(0.02)
    const { socket } = await greeting(t)
    const [code] = await once(socket, 'close')
    assert.equal(code, 1006)
  })
})
