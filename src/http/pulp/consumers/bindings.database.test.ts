import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onEachDatabase } from '../../../testing/databases.ts'
import { type PulpDatabaseServer, sharedPulpApi } from '../../../testing/pulp-database-server.ts'

const distributor = {
  distributor_id: 'web',
  distributor_type_id: 'yum_distributor',
  distributor_config: { relative_url: 'zoo', http: true, https: false },
}

onEachDatabase('Bindings of the Pulp API', (fresh) => {
  const api = sharedPulpApi(fresh)
  const call: PulpDatabaseServer['call'] = (...request) => api().call(...request)
  const web = { repo_id: 'zoo', distributor_id: 'web' }
  before(async () => {
    await api().services.addresses.tell({ hosts: { http: 'pulp.test' }, caCertificate: null })
    await call('POST', 'repositories/', { id: 'zoo', distributors: [distributor] })
    for (const id of ['host', 'other', 'third']) await call('POST', 'consumers/', { id })
  })

  const details = {
    repo_name: 'zoo',
    server_name: 'pulp.test',
    ca_cert: null,
    relative_path: '/pulp/repos/zoo',
    protocols: ['http'],
    gpg_keys: [],
    client_cert: null,
  }

  it('are made and taken away at once where no agent is told', async () => {
    const made = await call('POST', 'consumers/other/bindings/', {
      ...web,
      notify_agent: false,
      binding_config: { a: 1 },
    })
    assert.equal(made.status, 200)
    const { _id, id, ...rest } = made.json.result
    assert.equal(_id.$oid, id)
    assert.deepEqual([made.json.error, made.json.spawned_tasks], [null, []])
    const binding = { ...web, _ns: 'consumer_bindings', consumer_id: 'other', notify_agent: false }
    const more = { binding_config: { a: 1 }, consumer_actions: [], deleted: false }
    assert.deepEqual(rest, { ...binding, ...more })
    const _href = '/pulp/api/v2/consumers/other/bindings/zoo/web/'
    const shown = { ...made.json.result, _href, type_id: 'yum_distributor', details }
    assert.deepEqual((await call('GET', _href)).json, shown)
    assert.deepEqual((await call('GET', 'consumers/other/bindings/')).json, [shown])
    assert.deepEqual((await call('GET', 'consumers/other/bindings/zoo/')).json, [shown])
    const listed = (await call('GET', 'consumers/other/?details=true')).json.bindings
    assert.deepEqual(listed, [{ ...made.json.result, _href }])
    const gone = await call('DELETE', _href)
    assert.deepEqual([gone.status, gone.json], [200, made.json])
    assert.equal((await call('GET', _href)).json.resources.bind_id, 'other.zoo.web')
    assert.equal((await call('DELETE', _href)).json.resources.bind_id, 'other.zoo.web')
  })

  it('are told to an agent by tasks, and go when it has done them', async () => {
    const made = await call('POST', 'consumers/host/bindings/', { ...web, options: { x: 1 } })
    assert.equal(made.status, 202)
    assert.equal(made.json.result.notify_agent, true)
    const { task_id: bindId } = made.json.spawned_tasks[0]
    const task = await api().services.tasks.get(bindId)
    assert.deepEqual(task.arguments, {
      consumer: 'host',
      repository: 'zoo',
      distributor: 'web',
      type: 'yum_distributor',
      payload: details,
      options: { x: 1 },
    })
    const report = (await call('GET', `tasks/${bindId}/`)).json
    assert.deepEqual([report.state, report.task_type, report.worker_name], ['waiting', null, 'agent'])
    const names = ['pulp:consumer:host', 'pulp:repository:zoo', 'pulp:repository_distributor:web']
    assert.deepEqual(report.tags, [...names, 'pulp:action:agent_bind'])
    const href = 'consumers/host/bindings/zoo/web/'
    const [action] = (await call('GET', href)).json.consumer_actions
    assert.deepEqual({ ...action, timestamp: 0 }, { id: bindId, action: 'bind', status: 'pending', timestamp: 0 })
    assert.equal(action.timestamp, task.created.getTime() / 1000)

    const unbound = await call('DELETE', href, { options: {} })
    assert.deepEqual([unbound.status, unbound.json.result.deleted], [202, true])
    const [{ task_id: unbindId }] = unbound.json.spawned_tasks
    assert.equal((await api().services.tasks.get(unbindId)).arguments['payload'], null)
    assert.deepEqual((await call('GET', 'consumers/host/bindings/')).json, [])
    const { agentTasks } = api().services
    await agentTasks.end(
      { consumer: 'host', task: bindId },
      { error: { kind: 'internal', message: 'no', details: {}, trace: null } },
    )
    const { deleted, consumer_actions } = (await call('GET', href)).json
    const told = consumer_actions.map((one: { action: string; status: string }) => [one.action, one.status])
    assert.deepEqual(
      [deleted, told],
      [
        true,
        [
          ['bind', 'failed'],
          ['unbind', 'pending'],
        ],
      ],
    )
    await agentTasks.end({ consumer: 'host', task: unbindId }, { result: { succeeded: true } })
    assert.equal((await call('GET', href)).status, 404)
  })

  it('show nothing to be done any more once the agent has done it', async () => {
    const href = 'consumers/third/bindings/zoo/web/'
    const tasks = []
    for (const _ of [1, 2])
      tasks.push((await call('POST', 'consumers/third/bindings/', web)).json.spawned_tasks[0].task_id)
    const actions = async () => (await call('GET', href)).json.consumer_actions.length
    assert.equal(await actions(), 2)
    await api().services.agentTasks.end({ consumer: 'third', task: tasks[0] }, { result: { succeeded: false } })
    assert.equal(await actions(), 2)
    await api().services.agentTasks.end({ consumer: 'third', task: tasks[1] }, { result: { succeeded: true } })
    assert.equal(await actions(), 0)
    await call('DELETE', href, { force: true })
  })

  it('go at once with force, though the agent is told', async () => {
    const href = 'consumers/host/bindings/zoo/web/'
    await call('POST', 'consumers/host/bindings/', web)
    const forced = await call('DELETE', href, { force: true })
    assert.deepEqual([forced.status, forced.json.spawned_tasks.length], [202, 1])
    assert.equal((await call('GET', href)).status, 404)
  })

  it('are one for a consumer and a distributor, and come back when they were on their way out', async () => {
    const first = await call('POST', 'consumers/host/bindings/', web)
    await call('DELETE', 'consumers/host/bindings/zoo/web/')
    const second = await call('POST', 'consumers/host/bindings/', { ...web, binding_config: { b: 2 } })
    assert.equal(second.json.result.id, first.json.result.id)
    const { json } = await call('GET', 'consumers/host/bindings/')
    assert.deepEqual(
      json.map((one: { binding_config: object }) => one.binding_config),
      [{ b: 2 }],
    )
    await call('DELETE', 'consumers/host/bindings/zoo/web/', { force: true })
  })

  it('are refused for what is not there', async () => {
    const bind = (body: object, id = 'host') => call('POST', `consumers/${id}/bindings/`, body)
    const cases: [answer: ReturnType<typeof bind>, status: number, names: unknown][] = [
      [bind({ ...web, repo_id: 'no' }), 400, ['repo_id']],
      [bind({ ...web, distributor_id: 'no' }), 400, ['distributor_id']],
      [bind({}), 400, ['repo_id', 'distributor_id']],
      [bind({ ...web, binding_config: [] }), 400, ['binding_config']],
      [bind({ ...web, options: null }), 400, ['options']],
      [bind(web, 'nobody'), 404, undefined],
    ]
    for (const [answer, status, names] of cases) {
      const { status: actual, json } = await answer
      assert.deepEqual([actual, json.property_names ?? json.missing_property_names], [status, names])
    }
    const neither = await call('GET', 'consumers/nobody/bindings/no/')
    assert.deepEqual(neither.json.resources, { repo_id: 'no', consumer_id: 'nobody' })
    assert.deepEqual((await call('GET', 'consumers/nobody/bindings/')).json.resources, { consumer_id: 'nobody' })
    assert.equal((await call('DELETE', 'consumers/host/bindings/zoo/web/', { force: 'x' })).status, 400)
  })

  it('are found by criteria, with those on their way out', async () => {
    await call('POST', 'consumers/host/bindings/', web)
    await call('POST', 'consumers/other/bindings/', { ...web, notify_agent: false })
    await call('DELETE', 'consumers/host/bindings/zoo/web/')
    const criteria = {
      filters: { repo_id: 'zoo' },
      sort: [['consumer_id', 'descending']],
      fields: ['consumer_id', 'deleted'],
    }
    const { json } = await call('POST', 'consumers/binding/search/', { criteria })
    const found = json.map(({ consumer_id, deleted }: { consumer_id: string; deleted: boolean }) => [
      consumer_id,
      deleted,
    ])
    assert.deepEqual(found, [
      ['other', false],
      ['host', true],
    ])
    const filters = encodeURIComponent(JSON.stringify({ deleted: true, consumer_id: 'host' }))
    assert.equal((await call('GET', `consumers/binding/search/?filters=${filters}`)).json.length, 1)
  })

  it('are found by what their agents have yet to do, or have not done well', async () => {
    const foundBy = async (filters: object) => {
      const { json } = await call('POST', 'consumers/binding/search/', { criteria: { filters } })
      return json.map((one: { consumer_id: string }) => one.consumer_id).sort()
    }
    const failed = { 'consumer_actions.status': 'failed' }
    const { spawned_tasks } = (await call('POST', 'consumers/third/bindings/', web)).json
    assert.deepEqual(await foundBy(failed), [])
    assert.deepEqual(await foundBy({ 'consumer_actions.id': spawned_tasks[0].task_id }), ['third'])
    const task = { consumer: 'third', task: spawned_tasks[0].task_id }
    await api().services.agentTasks.end(task, { result: { succeeded: false } })
    assert.deepEqual(await foundBy(failed), ['third'])
    assert.deepEqual(await foundBy({ consumer_actions: [] }), ['other'])
    assert.deepEqual(await foundBy({ consumer_actions: { $elemMatch: { action: 'unbind', status: 'pending' } } }), [
      'host',
    ])
    await call('DELETE', 'consumers/third/bindings/zoo/web/', { force: true })
  })
})
