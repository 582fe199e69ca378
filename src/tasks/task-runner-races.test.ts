import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import type { Task } from '../core/task.ts'
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
  attempt: 1,
  progress: {},
  result: null,
  error: null,
  spawned: [],
}

/** A runner whose claims are scripted: each entry happens while the claim is under way and gives its answer. */
function scripted(script: ((runner: TaskRunner) => Task | undefined)[]) {
  const ends: RunEnd['state'][] = []
  const presence: { session: number } & WorkerPresence = { session: 1, open: async () => {}, close: async () => {} }
  const claims: TaskClaims = {
    claim: async () => {
      const next = script.shift()
      if (next === undefined) runner.stop()
      return next?.(runner)
    },
    finish: async (_fence, end) => {
      ends.push(end.state)
    },
    progress: async () => {},
    countReady: async () => 0,
    recoverDead: async () => 0,
  }
  const operations = { work: async () => ({}) }
  const runner = new TaskRunner({ name: 'worker', presence, claims, operations, log: silentLog, pollMs: 1_000_000 })
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
})
