import assert from 'node:assert/strict'
import { createPrivateKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import WebSocket from 'ws'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { silentLog } from '../../core/log.ts'
import { consumerAuthority, consumerPem } from '../../testing/consumer-credentials.ts'
import { eventually } from '../../testing/eventually.ts'
import { MemoryAgentTasks } from '../../testing/memory-agent-tasks.ts'
import { memoryAuthority } from '../../testing/memory-authority.ts'
import { signedText } from '../../wire/agent/signed-text.ts'
import { consumerSockets } from './consumer-sockets.ts'

/** An agent that only talks. */
class TestAgent {
  readonly got: JsonObject[] = []
  readonly socket: WebSocket

  constructor(url: string) {
    this.socket = new WebSocket(url)
    this.socket.on('message', (data) => {
      const message: unknown = JSON.parse(String(data))
      if (isJsonObject(message)) this.got.push(message)
    })
    this.socket.on('error', () => undefined)
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  heard(kind: string): readonly JsonObject[] {
    return this.got.filter((message) => message['kind'] === kind)
  }

  async hear(kind: string, number = 1): Promise<JsonObject> {
    await eventually(() => this.heard(kind).length >= number)
    return this.heard(kind)[number - 1] ?? {}
  }

  /** Proves who it is by this credential, unless `instead` says something else. */
  async greet(pem: string, instead: JsonObject = {}): Promise<void> {
    const { nonce } = await this.hear('challenge')
    const { host } = new URL(this.socket.url)
    const signature = sign('sha256', Buffer.from(signedText(String(nonce), host)), createPrivateKey(pem))
    const fixed = { kind: 'hello', certificate: pem, host, version: '1', tasks: [] }
    this.say({ ...fixed, signature: signature.toString('base64'), ...instead })
  }

  async closed(): Promise<number> {
    if (this.socket.readyState === WebSocket.CLOSED) return 0
    const [code] = await once(this.socket, 'close')
    return code
  }
}

describe('the connection of a consumer’s agent', () => {
  async function start(t: TestContext, aliveSeconds = 60) {
    const tasks = new MemoryAgentTasks()
    const consumers = new Set(['east', 'west'])
    const profiles: (readonly Json[])[] = []
    const sockets = consumerSockets({
      tasks,
      authority: consumerAuthority,
      isRegistered: async (id) => consumers.has(id),
      storeProfile: async (...profile) => {
        if (profile[1] === 'bad') throw new Error('no such type')
        profiles.push(profile)
      },
      hostOf: ({ headers }) => headers.host ?? '',
      aliveSeconds,
      log: silentLog,
    })
    const server = createServer().on('upgrade', (request, socket, head) => {
      if (!sockets.handler(request, socket, head)) socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(async () => {
      sockets.close()
      server.close()
      await once(server, 'close')
    })
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent/consumer`
    const connect = () => new TestAgent(url)
    const welcome = async (id = 'east', known: readonly string[] = []) => {
      const agent = connect()
      await agent.greet(await consumerPem(id), { tasks: known })
      await agent.hear('welcome')
      return agent
    }
    return { tasks, consumers, profiles, connect, welcome }
  }

  it('welcomes who has the key of a certificate of a consumer', async (t) => {
    const { welcome } = await start(t)
    const agent = await welcome()
    assert.deepEqual(await agent.hear('welcome'), { kind: 'welcome', consumer: 'east', aliveSeconds: 60 })
  })

  it('dismisses everybody else, and says why', async (t) => {
    const { connect, consumers } = await start(t)
    const [east, west] = [await consumerPem('east'), await consumerPem('west')]
    const stranger = await memoryAuthority().issue({ kind: 'consumer', id: 'east' })
    const user = await consumerAuthority.issue({ kind: 'user', login: 'admin', id: '0'.repeat(24) })
    consumers.delete('west')
    for (const [pem, instead, reason] of [
      [east, { certificate: west }, /its key is another/],
      [east, { certificate: 'nonsense' }, /is none/],
      [east, { signature: '' }, /its key is another/],
      [east, { host: 'deckle.example.com' }, /has dialled deckle.example.com/],
      [west, {}, /west is not registered here any more/],
      [`${stranger.key}\n${stranger.certificate}`, {}, /not given to a consumer by this server/],
      [`${user.key}\n${user.certificate}`, {}, /not given to a consumer by this server/],
    ] as const) {
      const agent = connect()
      await agent.greet(pem, instead)
      assert.match(String((await agent.hear('dismissed'))['reason']), reason)
      await eventually(() => agent.socket.readyState === WebSocket.CLOSED)
      assert.deepEqual(agent.heard('welcome'), [])
    }
  })

  it('takes no answer to another challenge, and nothing before the answer', async (t) => {
    const { connect, tasks } = await start(t)
    const [first, second] = [connect(), connect()]
    const { nonce } = await first.hear('challenge')
    const pem = await consumerPem('east')
    const { host } = new URL(first.socket.url)
    const stolen = sign('sha256', Buffer.from(signedText(String(nonce), host)), createPrivateKey(pem))
    const task = await tasks.queue('east', 'consumer-bind')
    await second.hear('challenge')
    second.say({ kind: 'end', task, result: { succeeded: true } })
    await second.greet(pem, { signature: stolen.toString('base64') })
    await second.hear('dismissed')
    assert.equal((await tasks.get(task)).state, 'waiting')
  })

  it('tells an agent its tasks, those that wait and those that come, each once and in order', async (t) => {
    const { tasks, welcome } = await start(t)
    const waiting = await tasks.queue('east', 'consumer-bind', { repository: 'zoo' })
    await tasks.queue('west', 'consumer-bind')
    const agent = await welcome()
    assert.deepEqual(await agent.hear('task'), {
      ...{ kind: 'task', task: waiting, operation: 'consumer-bind', arguments: { repository: 'zoo' } },
    })
    const more = await Promise.all([1, 2, 3].map(() => tasks.queue('east', 'consumer-install')))
    tasks.notice(undefined)
    await agent.hear('task', 4)
    tasks.notice('east')
    await tasks.cancel(more[2] ?? '')
    await agent.hear('cancel')
    assert.deepEqual(
      agent.heard('task').map(({ task }) => task),
      [waiting, ...more],
    )
    assert.deepEqual(agent.heard('cancel'), [{ kind: 'cancel', task: more[2] }])
  })

  it('passes on what an agent says of a task, and acknowledges its end, as often as it is said', async (t) => {
    const { tasks, welcome } = await start(t)
    const agent = await welcome()
    const [done, failed] = [await tasks.queue('east', 'consumer-bind'), await tasks.queue('east', 'consumer-bind')]
    agent.say({ kind: 'accepted', task: done })
    await eventually(async () => (await tasks.get(done)).state === 'accepted')
    agent.say({ kind: 'started', task: done })
    agent.say({ kind: 'progress', task: done, report: { steps: [] } })
    agent.say({ kind: 'end', task: done, result: { succeeded: true } })
    agent.say({ kind: 'end', task: done, result: { succeeded: false } })
    agent.say({ kind: 'end', task: failed, error: 'too old' })
    agent.say({ kind: 'end', task: 'nonsense' })
    await agent.hear('ack', 4)
    assert.deepEqual(
      agent.heard('ack').map(({ task }) => task),
      [done, done, failed, 'nonsense'],
    )
    const { state, progress, result } = await tasks.get(done)
    assert.deepEqual([state, progress, result], ['finished', { steps: [] }, { succeeded: true }])
    assert.equal((await tasks.get(failed)).error?.message, 'too old')
  })

  it('does not tell an agent what it knows, but that nobody wants it any more', async (t) => {
    const { tasks, welcome } = await start(t)
    const [known, over, stopping] = await Promise.all([1, 2, 3].map(() => tasks.queue('east', 'consumer-bind')))
    assert.ok(known && over && stopping)
    await tasks.start({ consumer: 'east', task: stopping })
    for (const task of [over, stopping]) await tasks.cancel(task)
    const fresh = await tasks.queue('east', 'consumer-bind')
    const agent = await welcome('east', [known, over, stopping])
    await agent.hear('task')
    await agent.hear('cancel', 2)
    assert.deepEqual(
      agent.heard('task').map(({ task }) => task),
      [fresh],
    )
    assert.deepEqual(new Set(agent.heard('cancel').map(({ task }) => task)), new Set([over, stopping]))
    agent.say({ kind: 'end', task: stopping, error: 'stopped' })
    await agent.hear('ack')
    assert.equal((await tasks.get(stopping)).state, 'canceled')
  })

  it('lets nobody touch the tasks of another consumer', async (t) => {
    const { tasks, welcome } = await start(t)
    const task = await tasks.queue('west', 'consumer-bind')
    const agent = await welcome('east')
    agent.say({ kind: 'started', task })
    await agent.hear('cancel')
    agent.say({ kind: 'end', task, result: { succeeded: true } })
    await agent.hear('ack')
    assert.equal((await tasks.get(task)).state, 'waiting')
  })

  it('keeps profiles and signs of life, and passes over what it does not understand', async (t) => {
    const { tasks, profiles, welcome } = await start(t)
    const agent = await welcome()
    for (const noise of ['', '{', '[]', { kind: 'news' }, { kind: 'end' }, { kind: 'profile' }]) agent.say(noise)
    agent.say({ kind: 'profile', contentType: 'bad', profile: [] })
    agent.say({ kind: 'profile', contentType: 'rpm', profile: [{ name: 'zsh' }] })
    agent.say({ kind: 'alive', tasks: ['a', 1] })
    await eventually(() => tasks.touched.length > 0)
    assert.deepEqual(profiles, [['east', 'rpm', [{ name: 'zsh' }]]])
    assert.deepEqual(tasks.touched, ['a'])
  })

  it('ends when the consumer is deleted, when another agent comes for it, and when the database is away', async (t) => {
    const { tasks, consumers, welcome } = await start(t)
    const first = await welcome()
    const replaced = first.closed()
    const second = await welcome()
    assert.equal(await replaced, 4000)
    const gone = second.closed()
    consumers.delete('east')
    tasks.notice('east')
    assert.match(String((await second.hear('dismissed'))['reason']), /not registered/)
    assert.equal(await gone, 4001)
    const west = await welcome('west')
    tasks.away = true
    tasks.notice(undefined)
    assert.equal(await west.closed(), 1011)
  })

  it('cuts off who is silent', async (t) => {
    const { welcome } = await start(t, 0.02)
    assert.equal(await (await welcome()).closed(), 1006)
  })
})
