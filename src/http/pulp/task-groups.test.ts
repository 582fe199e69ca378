import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpErrorBody } from '../../wire/pulp/error.ts'
import { PulpGroupSummary } from '../../wire/pulp/task-group.ts'

const group = '0b0d7a52-8a36-4a4e-9a49-1a0b9f3f5a11'

async function serverWithGroup() {
  const server = new PulpServer()
  const task = { operation: 'regenerate', arguments: {}, tags: [], resources: [] }
  const tasks = await server.tasks.enqueue([task, { ...task, group }, { ...task, group }, { ...task, group }])
  const [alone, finished, running, waiting] = tasks
  assert.ok(alone && finished && running && waiting)
  server.tasks.alter(finished.id, { state: 'finished' })
  server.tasks.alter(running.id, { state: 'running' })
  return { server, alone, waiting }
}

describe('A task group', () => {
  it('is counted by the states of its members', async () => {
    const { server } = await serverWithGroup()
    const { status, json } = await server.call('GET', `task_groups/${group}/state_summary/`)
    assert.equal(status, 200)
    assert.ok(Value.Check(PulpGroupSummary, json))
    const none = { accepted: 0, suspended: 0, skipped: 0, error: 0, canceled: 0 }
    assert.deepEqual(json, { ...none, total: 3, waiting: 1, running: 1, finished: 1 })
  })

  it('keeps its members out of the list of tasks, but not from who asks for one', async () => {
    const { server, alone, waiting } = await serverWithGroup()
    const listed = (await server.call('GET', 'tasks/')).json
    assert.deepEqual(
      listed.map((task: { task_id: string }) => task.task_id),
      [alone.id],
    )
    assert.equal((await server.call('GET', `tasks/${waiting.id}/`)).status, 200)
  })

  it('is cancelled whole, but for members that have ended', async () => {
    const { server, alone } = await serverWithGroup()
    const answer = await server.call('DELETE', `task_groups/${group}/`)
    assert.deepEqual([answer.status, answer.text], [200, 'null'])
    const { json } = await server.call('GET', `task_groups/${group}/state_summary/`)
    assert.deepEqual([json.total, json.canceled, json.finished], [3, 2, 1])
    assert.equal((await server.call('GET', `tasks/${alone.id}/`)).json.state, 'waiting')
  })

  it('that nobody belongs to is missing, without a name for what', async () => {
    const { server } = await serverWithGroup()
    for (const [method, path] of [
      ['GET', 'task_groups/nope/state_summary/'],
      ['DELETE', 'task_groups/nope/'],
      ['GET', `task_groups/${group}/`],
    ] as const) {
      const answer = await server.call(method, path)
      assert.deepEqual([answer.status, answer.json.resources], [404, {}], `${method} ${path}`)
      assert.ok(Value.Check(PulpErrorBody, answer.json))
    }
  })
})
