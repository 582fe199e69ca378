import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import type { Task, TaskOperation } from '../core/task.ts'
import type { RunEnd, TaskClaims, WorkerPresence } from '../core/task-worker.ts'
import { TaskRunner } from './task-runner.ts'

const task: Task = {
  key: 1,
  id: '6f0c2f0e-0000-4000-8000-000000000000',
  operation: 'work',
  arguments: {},
  tags: [],
  resources: [],
  state: 'running',
  created: new Date(0),
  started: new Date(0),
  finished: null,
  worker: 'worker',
  agent: null,
  attempt: 1,
  progress: {},
  waitingReason: null,
  result: null,
  error: null,
  spawned: [],
}

/** A runner whose claims are scripted: each entry happens while the claim is under way and gives its answer. */
function scripted(
  script: ((runner: TaskRunner) => Task | undefined)[],
  work: TaskOperation = async () => ({}),
  finishing: (runner: TaskRunner, end: RunEnd) => Promise<void> = async () => {},
) {
  const ends: RunEnd['state'][] = []
  const presence: { session: number } & WorkerPresence = { session: 1, open: async () => {}, close: async () => {} }
  const claims: TaskClaims = {
    claim: async () => {
      const next = script.shift()
      if (next === undefined) runner.stop()
      return next?.(runner)
    },
    finish: async (_fence, end) => {
      await finishing(runner, end)
      ends.push(end.state)
    },
    progress: async () => {},
    countReady: async () => 0,
    recoverDead: async () => 0,
  }
  const timing = { pollMs: 1_000_000, endMs: 1_000 }
  const runner = new TaskRunner({ name: 'worker', presence, claims, operations: { work }, log: silentLog, ...timing })
  return { runner, presence, ends }
}

describe('the task runner', () => {
  it('does not start a task whose cancel it heard before its claim came back', async () => {
    const { runner, ends } = scripted([
      () => task,
      () => {
        runner.cancelRequested(task.id)
        return task
      },
    ])
    await runner.run()
    assert.deepEqual(ends, ['finished', 'released'])
  })

  it('does not start a task that it claimed while it lost its registration', async () => {
    const { runner, presence, ends } = scripted([
      () => {
        presence.session = 2
        return task
      },
      () => task,
    ])
    await runner.run()
    assert.deepEqual(ends, ['released', 'finished'])
  })

  it('does not start a task that it claimed while it was stopped', async () => {
    const { runner, ends } = scripted([
      () => {
        runner.stop()
        return task
      },
    ])
    await runner.run()
    assert.deepEqual(ends, ['released'])
  })

  it('looks again at once when a task became ready while it found nothing', async () => {
    const { runner, ends } = scripted([
      () => {
        runner.taskReady()
        return undefined
      },
      () => task,
    ])
    await runner.run()
    assert.deepEqual(ends, ['finished'])
  })

  it('takes a task that came with the order to retire, and then retires', async () => {
    const { runner, ends } = scripted([
      () => {
        runner.retire()
        return task
      },
      () => undefined,
      () => task,
    ])
    await runner.run()
    assert.deepEqual(ends, ['finished'])
  })

  it('gives a task back that failed a moment before the registration was lost', async () => {
    let tries = 0
    const { runner, ends } = scripted(
      [() => task],
      () => Promise.reject(new Error('the database is gone')),
      async (runner) => {
        if (++tries > 1) return
        runner.lost()
        throw new Error('the database is gone')
      },
    )
    await runner.run()
    assert.deepEqual(ends, ['released'])
  })
})
