import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import type { Task } from '../../core/task.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpTaskReport } from '../../wire/pulp/task-report.ts'

async function serverWithTask(facts: Partial<Task> = {}) {
  const server = new PulpServer()
  const tags = ['repository:zoo', 'action:sync']
  const [task] = await server.tasks.enqueue([{ operation: 'sync-repository', arguments: {}, tags, resources: [] }])
  assert.ok(task)
  server.tasks.alter(task.id, facts)
  return { server, id: task.id }
}

describe('A task', () => {
  it('is shown whole', async () => {
    const { server, id } = await serverWithTask({
      state: 'finished',
      started: new Date('2016-04-29T16:27:17Z'),
      finished: new Date('2016-04-29T16:27:18Z'),
      worker: 'reserved_resource_worker-0@here',
      progress: { stub_importer: { state: 'FINISHED' } },
      spawned: ['77'],
    })
    const { status, json } = await server.call('GET', `tasks/${id}/`)
    assert.equal(status, 200)
    assert.equal(Value.Check(PulpTaskReport, json), true)
    assert.deepEqual(json, {
      _href: `/pulp/api/v2/tasks/${id}/`,
      task_id: id,
      _id: { $oid: '57237d000004000000000001' },
      id: '57237d000004000000000001',
      _ns: 'task_status',
      task_type: 'pulp.server.managers.repo.sync.sync',
      state: 'finished',
      tags: ['pulp:repository:zoo', 'pulp:action:sync'],
      start_time: '2016-04-29T16:27:17Z',
      finish_time: '2016-04-29T16:27:18Z',
      worker_name: 'reserved_resource_worker-0@here',
      queue: 'reserved_resource_worker-0@here.dq',
      progress_report: { stub_importer: { state: 'FINISHED' } },
      result: null,
      spawned_tasks: [{ _href: '/pulp/api/v2/tasks/77/', href: '/pulp/api/v2/tasks/77/', task_id: '77' }],
      error: null,
      exception: null,
      traceback: null,
    })
  })

  it('has an empty queue until a worker has it, and none in lists', async () => {
    const { server, id } = await serverWithTask()
    assert.equal((await server.call('GET', `tasks/${id}/`)).json.queue, '')
    const list = await server.call('GET', 'tasks/')
    assert.ok(!('queue' in list.json[0]))
    assert.ok(Value.Check(PulpTaskReport, list.json[0]))
  })

  it('is found by tags, all of them', async () => {
    const { server } = await serverWithTask()
    const count = async (query: string) => (await server.call('GET', `tasks/?${query}`)).json.length
    assert.equal(await count('tag=pulp:repository:zoo&tag=pulp:action:sync'), 1)
    assert.equal(await count('tag=pulp%3Arepository%3Azoo&tag=pulp:action:publish'), 0)
    assert.equal(await count('tag=repository:zoo'), 0)
  })

  it('that failed tells why, without secrets', async () => {
    const message = 'http://me:pw@host/ answered 404'
    const error = {
      kind: 'upstream',
      message,
      details: { code: 'RPM1004', data: { reason: 'x' } },
      trace: null,
    } as const
    const { server, id } = await serverWithTask({ state: 'error', error })
    const { json } = await server.call('GET', `tasks/${id}/`)
    const description = 'http://me:*****@host/ answered 404'
    assert.deepEqual(json.error, { code: 'RPM1004', description, data: { reason: 'x' }, sub_errors: [] })
    assert.deepEqual([json.exception, json.traceback], [null, null])
  })

  it('that broke has its trace as one text', async () => {
    const trace = 'Error: x\n    at y (z:1:1)'
    const error = { kind: 'internal', message: 'x', details: {}, trace } as const
    const { server, id } = await serverWithTask({ state: 'error', error })
    const { json } = await server.call('GET', `tasks/${id}/`)
    assert.deepEqual([json.error.code, json.traceback], ['PLP0000', trace])
  })

  it('is cancelled by DELETE, as often as one likes', async () => {
    const { server, id } = await serverWithTask()
    for (const _ of [1, 2]) {
      const answer = await server.call('DELETE', `tasks/${id}/`)
      assert.deepEqual([answer.status, answer.text], [200, 'null'])
    }
    const { json } = await server.call('GET', `tasks/${id}/`)
    assert.deepEqual([json.state, json.error], ['canceled', null])
  })

  it('that does not exist is missing as a resource_id', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await new PulpServer().call(method, 'tasks/nope/')
      assert.deepEqual([answer.status, answer.json.resources], [404, { resource_id: 'nope' }])
    }
  })
})

describe('The result of a task', () => {
  async function resultOf(result: Task['result']) {
    const { server, id } = await serverWithTask({ state: 'finished', result })
    return (await server.call('GET', `tasks/${id}/`)).json.result
  }

  const run = {
    key: 7,
    repositoryId: 'zoo',
    started: '2016-04-29T16:27:17.250Z',
    completed: '2016-04-29T16:27:18.000Z',
    summary: {},
    details: {},
    error: null,
  }

  it('of a sync is its history entry without _id', async () => {
    const history = { ...run, importerType: 'stub_importer', result: 'success', added: 14, updated: 0, removed: 0 }
    assert.deepEqual(await resultOf({ history }), {
      id: '57238b650005000000000007',
      _ns: 'repo_sync_results',
      repo_id: 'zoo',
      importer_id: 'stub_importer',
      importer_type_id: 'stub_importer',
      started: '2016-04-29T16:27:17Z',
      completed: '2016-04-29T16:27:18Z',
      result: 'success',
      summary: {},
      details: {},
      error_message: null,
      exception: null,
      traceback: null,
      added_count: 14,
      updated_count: 0,
      removed_count: 0,
    })
  })

  it('of a publish is its history entry without _id', async () => {
    const history = { ...run, distributorId: 'web', distributorType: 'stub_distributor', result: 'skipped' }
    const printed = await resultOf({ history })
    assert.deepEqual([printed.id, printed.result], ['57238b650006000000000007', 'skipped'])
    assert.equal(printed.distributor_id, 'web')
  })

  it('of a change of an importer or a distributor is the thing, its secrets masked', async () => {
    const part = {
      key: 7,
      repositoryId: 'zoo',
      config: { basic_auth_password: 'pw', auth_key: 'pw', a: 1 },
      scratchpad: null,
      created: '2016-04-29T16:27:17.250Z',
      lastUpdated: '2016-04-29T16:27:17.250Z',
    }
    const importer = await resultOf({ importer: { ...part, type: 'stub_importer', lastSync: null } })
    assert.deepEqual(importer.config, { basic_auth_password: '*****', auth_key: 'pw', a: 1 })
    assert.equal(importer._href, '/pulp/api/v2/repositories/zoo/importers/stub_importer/')
    const distributor = await resultOf({
      distributor: {
        ...part,
        id: 'web',
        type: 'stub_distributor',
        autoPublish: true,
        lastPublish: '2016-05-01T00:00:00Z',
      },
    })
    assert.deepEqual(distributor.config, { basic_auth_password: 'pw', auth_key: '*****', a: 1 })
    assert.deepEqual([distributor.auto_publish, distributor.last_publish], [true, '2016-05-01T00:00:00Z'])
  })

  it('of anything else is passed on', async () => {
    assert.deepEqual(await resultOf({ rpm: 3 }), { rpm: 3 })
    assert.equal(await resultOf(3), 3)
  })
})

describe('The purge of tasks', () => {
  async function serverWithEnded() {
    const server = new PulpServer()
    const states = ['waiting', 'running', 'finished', 'error', 'canceled'] as const
    const tasks = await server.tasks.enqueue(
      states.map((state) => ({ operation: state, arguments: {}, tags: [], resources: [] })),
    )
    for (const [index, state] of states.entries()) server.tasks.alter(tasks[index]?.id ?? '', { state })
    const left = async () => (await server.call('GET', 'tasks/')).json.map(({ state }: { state: string }) => state)
    return { server, left }
  }

  it('forgets those that ended in the states that it names', async () => {
    const { server, left } = await serverWithEnded()
    const answer = await server.call('DELETE', 'tasks/?state=finished&state=skipped')
    assert.deepEqual([answer.status, answer.text], [204, ''])
    assert.deepEqual(await left(), ['waiting', 'running', 'error', 'canceled'])
    await server.call('DELETE', 'tasks/?state=finished&state=error')
    assert.deepEqual(await left(), ['waiting', 'running', 'canceled'])
  })

  it('is forbidden without a state', async () => {
    const { server, left } = await serverWithEnded()
    const answer = await server.call('DELETE', 'tasks/')
    assert.deepEqual([answer.status, answer.json.error.code], [403, 'PLP1012'])
    assert.equal((await left()).length, 5)
  })

  it('forgets nothing when one of the states cannot be purged', async () => {
    const { server, left } = await serverWithEnded()
    for (const state of ['canceled', 'running', 'FINISHED', '', 'toString']) {
      const answer = await server.call('DELETE', `tasks/?state=finished&state=${state}`)
      assert.deepEqual([answer.status, answer.json.error.code, answer.json.error.data], [400, 'PLP1011', { state }])
    }
    assert.equal((await left()).length, 5)
  })
})
