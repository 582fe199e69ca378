import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import type { AgentOutcome } from '../../core/agent-task.ts'
import { silentLog } from '../../core/log.ts'
import type { TaskState } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { eventually } from '../../testing/eventually.ts'
import { newTask, TestEngine } from '../../testing/workers.ts'
import type { OpenDatabase } from '../connection.ts'
import { ControlConnection } from '../control-connection.ts'
import { PostgresAgentTasks } from './postgres-agent-tasks.ts'

const done: AgentOutcome = { result: { succeeded: true, num_changes: 0, details: {} } }
const failed: AgentOutcome = { error: { kind: 'internal', message: 'no such command', details: {}, trace: null } }

onEachDatabase('tasks of agents', (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  let agents: PostgresAgentTasks
  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
    agents = new PostgresAgentTasks(opened.database)
  })
  beforeEach(async () => {
    for (const table of ['task', 'binding', 'consumer', 'consumer_event'] as const)
      await opened.database.deleteFrom(table).execute()
  })
  after(() => engine.close())

  async function queue(operation = 'consumer-bind', args = {}, agent = 'east') {
    const [task] = await engine.store.enqueue([{ ...newTask(operation), arguments: args, agent }])
    assert.ok(task)
    return { consumer: agent, task: task.id }
  }

  type Name = Awaited<ReturnType<typeof queue>>
  const stateOf = async ({ task }: Name) => (await engine.store.get(task)).state
  const steps = {
    accept: (name: Name) => agents.accept(name),
    start: (name: Name) => agents.start(name),
    report: (name: Name) => agents.report(name, { steps: [] }),
    finish: (name: Name) => agents.end(name, done),
    fail: (name: Name) => agents.end(name, failed),
    cancel: (name: Name) => engine.store.cancel(name.task).then(() => true),
  }
  type Step = keyof typeof steps

  /** How each state is reached, and where each step leads from it. */
  const paths: Readonly<Record<string, readonly Step[]>> = {
    waiting: [],
    accepted: ['accept'],
    running: ['accept', 'start'],
    stopping: ['accept', 'start', 'cancel'],
    finished: ['start', 'finish'],
    error: ['fail'],
    canceled: ['cancel'],
  }
  const next: Readonly<Record<string, Readonly<Record<Step, TaskState>>>> = {
    waiting: {
      accept: 'accepted',
      start: 'running',
      report: 'waiting',
      finish: 'finished',
      fail: 'error',
      cancel: 'canceled',
    },
    accepted: {
      accept: 'accepted',
      start: 'running',
      report: 'accepted',
      finish: 'finished',
      fail: 'error',
      cancel: 'canceled',
    },
    running: {
      accept: 'running',
      start: 'running',
      report: 'running',
      finish: 'finished',
      fail: 'error',
      cancel: 'running',
    },
    stopping: {
      accept: 'running',
      start: 'running',
      report: 'running',
      finish: 'canceled',
      fail: 'canceled',
      cancel: 'running',
    },
    finished: still('finished'),
    error: still('error'),
    canceled: still('canceled'),
  }
  function still(state: TaskState): Readonly<Record<Step, TaskState>> {
    return { accept: state, start: state, report: state, finish: state, fail: state, cancel: state }
  }

  it('go from state to state as agents and users say, and nowhere once they are over', async () => {
    for (const [from, path] of Object.entries(paths)) {
      for (const step of Object.keys(steps) as Step[]) {
        const name = await queue()
        for (const before of path) await steps[before](name)
        const open = (await engine.store.get(name.task)).finished === null
        assert.equal(await steps[step](name), step === 'cancel' || open, `${step} in ${from}`)
        assert.equal(await stateOf(name), next[from]?.[step], `${step} in ${from}`)
      }
    }
  })

  it('tell when they began and ended, what was reported, and what came of it', async () => {
    const name = await queue()
    await agents.accept(name)
    assert.equal((await engine.store.get(name.task)).started, null)
    await agents.start(name)
    await agents.report(name, { steps: [['Downloading', true]], details: {} })
    await agents.end(name, done)
    const task = await engine.store.get(name.task)
    assert.ok(task.started !== null && task.finished !== null && task.started <= task.finished)
    assert.deepEqual(task.progress, { steps: [['Downloading', true]], details: {} })
    assert.deepEqual([task.result, task.error], ['result' in done && done.result, null])
  })

  it('are nobody else’s, and none by another name', async () => {
    const name = await queue()
    for (const stranger of [
      { ...name, consumer: 'west' },
      { ...name, task: 'nonsense' },
    ]) {
      for (const step of ['accept', 'start', 'report', 'finish'] as const)
        assert.equal(await steps[step](stranger), false)
    }
    assert.equal(await stateOf(name), 'waiting')
    const sync = await engine.enqueue('sync')
    assert.equal(await agents.end({ consumer: 'east', task: sync.id }, done), false)
  })

  it('are listed for their consumer until they are over, in their order', async () => {
    const [first, second, over] = [await queue(), await queue(), await queue()]
    await queue('consumer-bind', {}, 'west')
    await agents.start(second)
    await engine.store.cancel(second.task)
    await agents.end(over, done)
    const pending = await agents.pending('east')
    assert.deepEqual(
      pending.map(({ task, cancelRequested }) => [task.id, cancelRequested]),
      [
        [first.task, false],
        [second.task, true],
      ],
    )
  })

  it('end once, whoever cancels, accepts and ends them at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const name = await queue()
      const ends = await Promise.all([
        agents.accept(name),
        engine.store.cancel(name.task),
        agents.start(name),
        agents.end(name, done),
        agents.end(name, failed),
        agents.expire(0),
      ])
      assert.ok(ends.slice(3, 5).filter((ended) => ended === true).length <= 1)
      // A cancel that came while it ran leaves the end to the agent.
      await agents.end(name, done)
      const { state, finished } = await engine.store.get(name.task)
      assert.ok(finished !== null && ['finished', 'error', 'canceled'].includes(state))
    }
  })

  /** Lets so many seconds pass for all tasks. */
  async function pass(seconds: number) {
    const past = `clock_timestamp() - interval '${seconds} seconds'`
    await opened.pool.query(`UPDATE task SET created = ${past}, heard = CASE WHEN heard IS NOT NULL THEN ${past} END`)
  }

  it('end with an error when no agent accepts them in time, in one process or many', async () => {
    const late = [await queue(), await queue()]
    await engine.enqueue('sync')
    await pass(601)
    const early = await queue()
    const counts = await Promise.all([agents.expire(600), new PostgresAgentTasks(opened.database).expire(600)])
    assert.equal(counts[0] + counts[1], late.length)
    for (const name of late) {
      const { state, error } = await engine.store.get(name.task)
      assert.deepEqual([state, error?.details], ['error', { code: 'PLP0011', data: { timeout: 600 } }])
      assert.match(error?.message ?? '', /No agent of consumer east accepted/)
    }
    assert.equal(await stateOf(early), 'waiting')
    assert.equal(await agents.expire(600), 0)
  })

  it('end with an error when the agent that has them is silent, or as cancelled where that was asked for', async () => {
    const [accepted, running, stopping, alive] = [await queue(), await queue(), await queue(), await queue()]
    for (const name of [accepted, running, stopping, alive]) await agents.accept(name)
    for (const name of [running, stopping]) await agents.start(name)
    await engine.store.cancel(stopping.task)
    await pass(20)
    await agents.touch('east', [alive.task, 'nonsense'])
    await agents.touch('west', [accepted.task])
    assert.equal(await agents.expire(10), 3)
    const states = await Promise.all([accepted, running, stopping, alive].map(stateOf))
    assert.deepEqual(states, ['error', 'error', 'canceled', 'accepted'])
    assert.match((await engine.store.get(running.task)).error?.message ?? '', /said nothing/)
  })

  it('take a binding away when it is undone, but not one that was bound again', async () => {
    const { id: consumer } = await opened.database
      .insertInto('consumer')
      .values({ name: 'east', notes: '{}' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const names = { consumer: 'east', repository: 'zoo', distributor: 'web' }
    const bind = { consumer, repository: 'zoo', distributor: 'web', notify_agent: true, config: '{}' }
    const left = async () => (await opened.database.selectFrom('binding').selectAll().execute()).length
    await opened.database
      .insertInto('binding')
      .values({ ...bind, deleted: true })
      .execute()
    await agents.end(await queue('consumer-unbind', names), { result: { succeeded: false } })
    await agents.end(await queue('consumer-unbind', names), failed)
    await agents.end(await queue('consumer-bind', names), done)
    assert.equal(await left(), 1)
    await agents.end(await queue('consumer-unbind', names), done)
    assert.equal(await left(), 0)
    await opened.database.insertInto('binding').values(bind).execute()
    await agents.end(await queue('consumer-unbind', names), done)
    assert.equal(await left(), 1)
  })

  it('put what was installed and uninstalled into the history of the consumer', async () => {
    const units = [{ type_id: 'rpm', unit_key: { name: 'zsh' } }]
    for (const what of ['install', 'update', 'uninstall'])
      await agents.end(await queue(`consumer-${what}`, { units }), done)
    await agents.end(await queue('consumer-install', { units }), { result: { succeeded: false } })
    const events = await opened.database.selectFrom('consumer_event').selectAll().orderBy('id').execute()
    assert.deepEqual(
      events.map(({ consumer, type, details }) => ({ consumer, type, details })),
      ['content_unit_installed', 'content_unit_installed', 'content_unit_uninstalled'].map((type) => ({
        ...{ consumer: 'east', type, details: { units } },
      })),
    )
  })

  it('are heard of in every process when they are queued or cancelled, and when some may have been missed', async () => {
    const control = new ControlConnection(opened.url, silentLog)
    await control.open()
    const heard: (string | undefined)[] = []
    const other = new PostgresAgentTasks(opened.database)
    const watch = other.watch((consumer) => heard.push(consumer))
    await control.attach(other.subscriber)
    await eventually(() => heard.length === 1)
    const [waiting, running] = [await queue(), await queue()]
    await agents.start(running)
    await engine.store.cancel(waiting.task)
    await engine.store.cancel(running.task)
    await eventually(() => heard.length === 5)
    assert.deepEqual(heard, [undefined, 'east', 'east', 'east', 'east'])
    watch.close()
    await queue('consumer-bind', {}, 'west')
    await control.query('SELECT 1', [])
    assert.equal(heard.length, 5)
    await control.close()
  })
})
