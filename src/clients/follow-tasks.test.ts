import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deadUrl, type ScriptedAnswer, scriptedServer } from '../testing/scripted-server.ts'
import { taskReport } from '../testing/task-reports.ts'
import { followTasks, requireFinished } from './follow-tasks.ts'
import type { TaskReport } from './pulp-answers.ts'
import { PulpClient } from './pulp-client.ts'

function task(id: string, state: string, more: Partial<TaskReport> = {}): TaskReport {
  return taskReport({ task_id: id, state, ...more })
}

/** A server on which each task goes through its answers, one a look, and stays at the last. */
async function serverWith(answers: Record<string, (TaskReport | ScriptedAnswer)[]>): Promise<PulpClient> {
  const server = await scriptedServer(({ target }, count) => {
    const steps = answers[target.split('/').at(-2) ?? '']
    const step = steps?.[Math.min(count, steps.length - 1)]
    return step !== undefined && 'task_id' in step ? { body: step } : step
  })
  return new PulpClient({ url: server.url })
}

describe('Following tasks', () => {
  test('waits for a task and for what it queues', async () => {
    const spawned_tasks = [{ task_id: 'b' }]
    const client = await serverWith({
      a: [task('a', 'waiting'), task('a', 'running'), task('a', 'finished', { spawned_tasks })],
      b: [task('b', 'running'), task('b', 'finished')],
    })
    const reports = await followTasks(client, [{ task_id: 'a' }], { interval: 1 })
    assert.deepEqual(
      reports.map((report) => [report.task_id, report.state]),
      [
        ['a', 'finished'],
        ['b', 'finished'],
      ],
    )
  })

  test('does not turn in circles where tasks name each other', async () => {
    const client = await serverWith({
      a: [task('a', 'finished', { spawned_tasks: [{ task_id: 'b' }, { task_id: 'a' }] })],
      b: [task('b', 'finished', { spawned_tasks: [{ task_id: 'a' }] })],
    })
    assert.equal((await followTasks(client, [{ task_id: 'a' }], { interval: 1 })).length, 2)
  })

  test('shows every look', async () => {
    const client = await serverWith({ a: [task('a', 'waiting'), task('a', 'running'), task('a', 'finished')] })
    const seen: string[] = []
    await followTasks(client, [{ task_id: 'a' }], {
      interval: 1,
      watch: (tasks) => seen.push(tasks.map((one) => one.state).join()),
    })
    assert.deepEqual(seen, ['waiting', 'running', 'finished'])
  })

  test('goes on when the server comes back from a restart', async () => {
    const away: ScriptedAnswer = { status: 503, body: null }
    const client = await serverWith({ a: [task('a', 'running'), away, away, task('a', 'finished')] })
    const reports = await followTasks(client, [{ task_id: 'a' }], { interval: 1, patience: 3 })
    assert.equal(reports[0]?.state, 'finished')
  })

  test('gives up when the server stays away', async () => {
    const client = new PulpClient({ url: await deadUrl() })
    const waiting = followTasks(client, [{ task_id: 'a' }], { interval: 1, patience: 2 })
    await assert.rejects(waiting, { name: 'UnreachableError' })
  })

  test('does not wait for a task that is unknown', async () => {
    const client = await serverWith({})
    await assert.rejects(followTasks(client, [{ task_id: 'a' }], { interval: 1 }), { status: 404 })
  })
})

describe('Requiring that tasks finished', () => {
  test('accepts finished and skipped ones', () => {
    assert.doesNotThrow(() => requireFinished([task('a', 'finished'), task('b', 'skipped')]))
  })

  test('throws the error text of the first that failed', () => {
    const failed = task('b', 'error', { error: { code: 'RPM1004', description: 'repomd.xml: 404' } })
    assert.throws(() => requireFinished([task('a', 'finished'), failed]), {
      name: 'TaskFailedError',
      taskId: 'b',
      message: 'repomd.xml: 404',
    })
  })

  test('throws for a cancelled one, which has no error text', () => {
    assert.throws(() => requireFinished([task('a', 'canceled')]), { state: 'canceled', message: /cancelled/ })
  })
})
