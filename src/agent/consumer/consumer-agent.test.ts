import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { silentLog } from '../../core/log.ts'
import { consumerPem } from '../../testing/consumer-credentials.ts'
import { ConsumerServer } from '../../testing/consumer-server.ts'
import { eventually } from '../../testing/eventually.ts'
import { type Clock, systemClock } from '../clock.ts'
import { BackOff } from '../server/back-off.ts'
import { ConsumerAgent } from './consumer-agent.ts'
import { Credential } from './credential.ts'
import { ProfileReports } from './profile-reports.ts'
import { type DoTask, TaskDuty } from './task-duty.ts'

/** Waits no longer than a moment. */
const hastyClock: Clock = {
  now: systemClock.now,
  pause: (milliseconds, signal) => systemClock.pause(Math.min(milliseconds, 5), signal),
}
/** As the real one, but for waiting between connections. */
const clock: Clock = {
  now: systemClock.now,
  pause: (milliseconds, signal) =>
    systemClock.pause(milliseconds <= 4000 ? Math.min(milliseconds, 50) : 60_000, signal),
}
const report: JsonObject = { succeeded: true, num_changes: 0, reboot: { scheduled: false, details: {} }, details: {} }

describe('the agent of a consumer', () => {
  async function start(t: TestContext, doTask: DoTask) {
    const server = await new ConsumerServer().listen()
    const stop = new AbortController()
    const duty = new TaskDuty(doTask, hastyClock, silentLog)
    const profiles = new ProfileReports(async () => [{ name: 'zsh' }], 60_000, clock, silentLog)
    const agent = new ConsumerAgent({
      server: { url: server.url, ca: undefined, userAgent: 'test' },
      consumer: 'east',
      credential: new Credential(await consumerPem('east'), 'east', 'the test'),
      version: '1',
      ...{ duty, profiles, clock },
      backOff: new BackOff(() => 1),
      log: silentLog,
    })
    t.after(async () => {
      stop.abort()
      await server.close()
    })
    const ended = (state: string) => (task: string) =>
      eventually(async () => (await server.tasks.get(task)).state === state)
    return { server, agent, stop, finished: ended('finished'), canceled: ended('canceled') }
  }

  it('does its tasks one after the other, and says what it is at', async (t) => {
    const order: string[] = []
    const { server, agent, stop, finished } = await start(t, async (task, _signal, onProgress) => {
      order.push(`${task.operation} ${String(task.arguments['repository'])}`)
      const { state } = await server.tasks.get(task.task)
      order.push(state)
      onProgress({ steps: [['Writing', true]], details: {} })
      return report
    })
    const running = agent.run(stop.signal)
    const first = await server.tasks.queue('east', 'consumer-bind', { repository: 'zoo' })
    const second = await server.tasks.queue('east', 'consumer-unbind', { repository: 'zoo' })
    await Promise.all([first, second].map(finished))
    assert.deepEqual(
      order.filter((line) => line.startsWith('consumer')),
      ['consumer-bind zoo', 'consumer-unbind zoo'],
    )
    const { result, progress } = await server.tasks.get(first)
    assert.deepEqual([result, progress], [report, { steps: [['Writing', true]], details: {} }])
    assert.deepEqual(server.profiles[0], ['rpm', [{ name: 'zsh' }]])
    stop.abort()
    await running
  })

  it('says an end again after a lost connection, and does nothing twice', async (t) => {
    let done = 0
    const gate = Promise.withResolvers<void>()
    const { server, agent, stop, finished } = await start(t, async () => {
      done++
      await gate.promise
      return report
    })
    void agent.run(stop.signal)
    const task = await server.tasks.queue('east', 'consumer-install')
    await eventually(async () => (await server.tasks.get(task)).state === 'running')
    server.drop()
    gate.resolve()
    await finished(task)
    await eventually(() => server.connections === 2)
    assert.equal(done, 1)
  })

  it('says an end until it is stored', async (t) => {
    const { server, agent, stop, finished } = await start(t, async () => {
      server.tasks.away = true
      return report
    })
    void agent.run(stop.signal)
    const task = await server.tasks.queue('east', 'consumer-bind')
    await eventually(() => server.connections > 1)
    server.tasks.away = false
    await finished(task)
  })

  it('stops what was cancelled, before it began and while it runs', async (t) => {
    const begun: string[] = []
    const { server, agent, stop, finished, canceled } = await start(t, async ({ task }, signal) => {
      begun.push(task)
      if (begun.length === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return report
    })
    void agent.run(stop.signal)
    const [first, second, third] = [
      await server.tasks.queue('east', 'consumer-install'),
      await server.tasks.queue('east', 'consumer-install'),
      await server.tasks.queue('east', 'consumer-install'),
    ]
    await eventually(() => begun.length === 1)
    await eventually(async () => (await server.tasks.get(second)).state === 'accepted')
    await server.tasks.cancel(second)
    await server.tasks.cancel(first)
    await Promise.all([canceled(first), canceled(second), finished(third)])
    assert.deepEqual(begun, [first, third])
  })

  it('ends a task that it cannot do with an error', async (t) => {
    const { server, agent, stop } = await start(t, async () => {
      throw new Error('this agent is too old for consumer-dance')
    })
    void agent.run(stop.signal)
    const task = await server.tasks.queue('east', 'consumer-dance')
    await eventually(async () => (await server.tasks.get(task)).state === 'error')
    assert.equal((await server.tasks.get(task)).error?.message, 'this agent is too old for consumer-dance')
  })

  it('ends for good when the server does not know the consumer, then or later', async (t) => {
    const { server, agent, stop } = await start(t, async () => report)
    const running = agent.run(stop.signal)
    await eventually(() => server.profiles.length === 1)
    server.consumers.delete('east')
    server.tasks.notice('east')
    const dismissed = { kind: 'forbidden', message: /consumer east is not registered here any more/ }
    await assert.rejects(running, dismissed)
    await assert.rejects(agent.run(stop.signal), dismissed)
  })

  it('does with --once what waits, and leaves', async (t) => {
    const { server, agent, stop } = await start(t, async () => report)
    const task = await server.tasks.queue('east', 'consumer-bind')
    assert.equal(await agent.once(stop.signal), undefined)
    assert.equal((await server.tasks.get(task)).state, 'finished')
    assert.equal(server.profiles.length, 1)
    await server.tasks.queue('east', 'consumer-bind')
    server.port = 1
    stop.abort()
    assert.equal(await agent.once(stop.signal), 'the agent closed the connection')
  })
})
