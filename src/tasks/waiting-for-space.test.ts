import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import { Postponed, type TaskOperation } from '../core/task.ts'
import type { HeldBack } from '../core/task-worker.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { eventually } from '../testing/eventually.ts'
import { startSlots } from '../testing/slots.ts'
import { TestEngine } from '../testing/workers.ts'
import { TaskRunner } from './task-runner.ts'

const name = 'reserved_resource_worker-0@here'
const full: HeldBack = { operations: ['sync'], reason: 'the disk is full' }

onEachDatabase('tasks that wait for space', (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  let control: ControlConnection
  const stops: (() => Promise<void>)[] = []

  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
    control = new ControlConnection(opened.url, silentLog)
    await control.open()
  })
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
    await engine.database.deleteFrom('task').execute()
  })
  after(async () => {
    await control.close()
    await engine.close()
  })

  async function start(operations: Record<string, TaskOperation>, heldBack?: () => Promise<HeldBack | undefined>) {
    const presence = new PostgresWorkerPresence(control, [name])
    const { claims } = engine
    const more = heldBack === undefined ? {} : { heldBack }
    const runner = new TaskRunner({ name, presence, claims, operations, log: silentLog, pollMs: 10, ...more })
    await presence.open(runner)
    const running = runner.run()
    stops.push(async () => {
      runner.stop()
      await running
      await presence.close()
    })
  }

  const isNow = (id: string, wanted: string) => eventually(async () => (await engine.store.get(id)).state === wanted)

  it('run by themselves once there is room, and others run meanwhile', async () => {
    let held: HeldBack | undefined = full
    const sync = await engine.enqueue('sync')
    await start({ sync: async () => ({}), publish: async () => ({}) }, async () => held)
    await isNow((await engine.enqueue('publish')).id, 'finished')
    await eventually(async () => (await engine.store.get(sync.id)).waitingReason === full.reason)
    held = undefined
    await isNow(sync.id, 'finished')
    assert.equal((await engine.store.get(sync.id)).attempt, 1)
  })

  it('are given back with the reason when their operation says that it cannot go on', async () => {
    const sync = await engine.enqueue('sync')
    await start({ sync: () => Promise.reject(new Postponed('no room for the rest')) })
    await eventually(async () => (await engine.store.get(sync.id)).waitingReason === 'no room for the rest')
    const { state, error, attempt } = await engine.store.get(sync.id)
    assert.deepEqual([state, error, attempt], ['waiting', null, 1])
  })

  it('have no worker process started for them, and the reason all the same', async () => {
    const { slots, stop } = await startSlots(opened.url, { heldBack: async () => full })
    stops.push(stop)
    const sync = await engine.enqueue('sync')
    await eventually(async () => (await engine.store.get(sync.id)).waitingReason === full.reason)
    assert.deepEqual(slots.pids, [])
  })
})
