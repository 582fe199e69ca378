import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onEachDatabase } from '../../../testing/databases.ts'
import { type PulpDatabaseServer, sharedPulpApi } from '../../../testing/pulp-database-server.ts'

onEachDatabase('Groups of consumers of the Pulp API', (fresh) => {
  const api = sharedPulpApi(fresh)
  const call: PulpDatabaseServer['call'] = (...request) => api().call(...request)
  const web = { repo_id: 'zoo', distributor_id: 'web' }
  const order = { units: [{ type_id: 'rpm', unit_key: { name: 'zsh' } }], options: { apply: true } }
  before(async () => {
    for (const id of ['a', 'b', 'c']) await call('POST', 'consumers/', { id })
    const distributors = [{ distributor_id: 'web', distributor_type_id: 'iso_distributor', distributor_config: {} }]
    await call('POST', 'repositories/', { id: 'zoo', distributors })
  })

  it('are made of consumers that are there', async () => {
    const made = await call('POST', 'consumer_groups/', { id: 'g', description: 'all', consumer_ids: ['b', 'a'] })
    assert.deepEqual([made.status, made.headers.location], [201, '/pulp/api/v2/consumer_groups/g/'])
    const { _id, ...rest } = made.json
    const names = { display_name: null, description: 'all' }
    const all = { _ns: 'consumer_groups', _href: '/pulp/api/v2/consumer_groups/g/', id: 'g', ...names }
    assert.deepEqual(rest, { ...all, notes: {}, consumer_ids: ['a', 'b'], scratchpad: null })
    assert.deepEqual((await call('GET', 'consumer_groups/g/')).json, made.json)
    assert.deepEqual((await call('GET', 'consumer_groups/')).json, [made.json])
    const criteria = { filters: { consumer_ids: 'b' } }
    assert.deepEqual((await call('POST', 'consumer_groups/search/', { criteria })).json, [made.json])
    assert.equal((await call('POST', 'consumer_groups/', { id: 'g' })).json.error.code, 'PLP0018')
  })

  it('are refused with an error for each thing that is wrong', async () => {
    const subErrors = async (body: object) => {
      const { status, json } = await call('POST', 'consumer_groups/', body)
      assert.deepEqual([status, json.error.code], [400, 'PLP1000'])
      return json.error.sub_errors.map(({ code, data }: { code: string; data: object }) => [code, data])
    }
    assert.deepEqual(await subErrors({ id: 'a.b', consumer_ids: ['a', 'no', 'no'] }), [
      ['PLP1003', { field: 'group_id' }],
      ['PLP1001', { consumer_id: 'no' }],
    ])
    assert.deepEqual(await subErrors({}), [['PLP1002', { field: 'group_id' }]])
    const unknown = await call('POST', 'consumer_groups/', { id: 'x', color: 'red' })
    assert.deepEqual(unknown.json.property_names, ['color'])
  })

  it('change in everything but their consumers, and go without them', async () => {
    await call('POST', 'consumer_groups/', { id: 'changed', notes: { a: 1, b: 2, c: 3 }, consumer_ids: ['a'] })
    const change = { display_name: 'C', notes: { a: '', b: null, d: 4 } }
    const { status, json } = await call('PUT', 'consumer_groups/changed/', change)
    assert.deepEqual([status, json.display_name, json.notes], [200, 'C', { c: 3, d: 4 }])
    assert.equal((await call('PUT', 'consumer_groups/changed/')).status, 200)
    assert.equal((await call('PUT', 'consumer_groups/changed/', { consumer_ids: [] })).status, 400)
    assert.equal((await call('DELETE', 'consumer_groups/changed/')).text, 'null')
    assert.equal((await call('GET', 'consumers/a/')).status, 200)
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const gone = await call(method, 'consumer_groups/changed/')
      assert.deepEqual(gone.json.resources, { consumer_group: 'changed' })
    }
  })

  it('take in and let go consumers by criteria', async () => {
    await call('POST', 'consumer_groups/', { id: 'm' })
    const change = async (action: string, body?: object) =>
      (await call('POST', `consumer_groups/m/actions/${action}/`, body)).json
    const some = { criteria: { filters: { id: { $in: ['a', 'c'] } } } }
    assert.deepEqual(await change('associate', some), ['a', 'c'])
    assert.deepEqual(await change('associate'), ['a', 'b', 'c'])
    assert.deepEqual(await change('unassociate', some), ['b'])
    assert.equal((await change('associate', { criteria: { color: 1 } })).error.code, 'PLP0015')
    assert.deepEqual(await change('associate', { criteria: { filters: { id: { $in: [] } } } }), ['b'])
  })

  it('bind and unbind all of their consumers', async () => {
    await call('POST', 'consumer_groups/', { id: 'bound', consumer_ids: ['a', 'c'] })
    const bound = await call('POST', 'consumer_groups/bound/bindings/', web)
    assert.deepEqual([bound.status, bound.json.spawned_tasks.length], [202, 2])
    const tags = (await call('GET', bound.json.spawned_tasks[1]._href)).json.tags
    assert.ok(tags.includes('pulp:consumer:c') && tags.includes('pulp:action:agent_bind'))
    const criteria = { filters: { repo_id: 'zoo' }, fields: ['consumer_id', 'deleted'] }
    const states = async () =>
      (await call('POST', 'consumers/binding/search/', { criteria })).json.map(
        ({ consumer_id, deleted }: { consumer_id: string; deleted: boolean }) => [consumer_id, deleted],
      )
    assert.deepEqual(await states(), [
      ['a', false],
      ['c', false],
    ])
    const unbound = await call('DELETE', 'consumer_groups/bound/bindings/zoo/web/')
    assert.deepEqual([unbound.status, unbound.json.spawned_tasks.length], [202, 2])
    assert.deepEqual(await states(), [
      ['a', true],
      ['c', true],
    ])
    const forced = await call('DELETE', 'consumer_groups/bound/bindings/zoo/web/', { force: true })
    assert.deepEqual([forced.json.spawned_tasks.length, await states()], [2, []])
    const wrong = await call('POST', 'consumer_groups/bound/bindings/', { ...web, distributor_id: 'no' })
    assert.deepEqual([wrong.status, wrong.json.property_names], [400, ['distributor_id']])
    const missing = await call('DELETE', 'consumer_groups/bound/bindings/zoo/no/')
    assert.deepEqual(missing.json.resources, { repo_id: 'zoo', distributor_id: 'no' })
  })

  it('have the agents of all their consumers act on units', async () => {
    await call('POST', 'consumer_groups/', { id: 'act', consumer_ids: ['a', 'b'] })
    const { status, json } = await call('POST', 'consumer_groups/act/actions/content/update/', order)
    assert.deepEqual([status, json.result, json.spawned_tasks.length], [202, {}, 2])
    const task = await api().services.tasks.get(json.spawned_tasks[1].task_id)
    assert.deepEqual([task.operation, task.arguments], ['consumer-update', { consumer: 'b', ...order }])
    assert.deepEqual(task.tags, ['consumer:b', 'action:unit_update'])
  })

  it('answer an action on units that is unknown, or badly asked for', async () => {
    for (const path of ['consumers/a/', 'consumer_groups/g/']) {
      const unknown = await call('POST', `${path}actions/content/eat/`, order)
      assert.deepEqual([unknown.status, unknown.json], [400, 'bad request'])
      const names = async (body: object) => {
        const { json } = await call('POST', `${path}actions/content/install/`, body)
        return json.missing_property_names ?? json.property_names
      }
      assert.deepEqual(await names({}), ['units', 'options'])
      assert.deepEqual(await names({ ...order, units: {} }), ['units'])
      assert.deepEqual(await names({ ...order, units: [{ type_id: 'rpm' }] }), ['unit_key'])
      assert.deepEqual(await names({ ...order, options: 'x' }), ['options'])
    }
    const nobody = await call('POST', 'consumers/nobody/actions/content/install/', order)
    assert.deepEqual(nobody.json.resources, { consumer_id: 'nobody' })
  })
})
