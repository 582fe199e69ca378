import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PostgresDueSchedules } from '../../../database/schedules/postgres-due-schedules.ts'
import { scheduledTask } from '../../../operations/run-schedules.ts'
import { onEachDatabase } from '../../../testing/databases.ts'
import { type PulpDatabaseServer, sharedPulpApi } from '../../../testing/pulp-database-server.ts'

onEachDatabase('Schedules of consumers', (fresh) => {
  const api = sharedPulpApi(fresh)
  const call: PulpDatabaseServer['call'] = (...request) => api().call(...request)
  const units = [{ type_id: 'rpm', unit_key: { name: 'zsh' } }]
  const install = 'consumers/host/schedules/content/install/'
  const schedule = '2999-01-01T00:00:00Z/P1D'

  it('are made for each action, and are seen by it only', async () => {
    await call('POST', 'consumers/', { id: 'host' })
    for (const action of ['install', 'update', 'uninstall']) {
      const base = `consumers/host/schedules/content/${action}/`
      const made = await call('POST', base, { schedule, units, failure_threshold: 2 })
      assert.deepEqual([made.status, made.headers.location], [201, made.json._href])
      const { _id, _href, task, args, resource, kwargs, units: shown, options } = made.json
      assert.equal(_href, `/pulp/api/v2/${base}${_id}/`)
      assert.deepEqual(
        [task, args, resource],
        [`pulp.server.tasks.consumer.${action}_content`, ['host'], 'pulp:consumer:host'],
      )
      assert.deepEqual(kwargs, { units, options: {}, scheduled_call_id: _id })
      assert.deepEqual([shown, options], [units, {}])
      assert.deepEqual((await call('GET', base)).json, [made.json])
      assert.deepEqual((await call('GET', _href)).json, made.json)
      const other = action === 'install' ? 'update' : 'install'
      const elsewhere = await call('GET', `consumers/host/schedules/content/${other}/${_id}/`)
      assert.deepEqual(elsewhere.json.resources, { schedule_id: _id })
    }
  })

  it('change in what is said, and keep the rest', async () => {
    const { _href } = (await call('POST', install, { schedule, units, options: { apply: true } })).json
    const others = [{ type_id: 'erratum', unit_key: { id: 'E-1' } }]
    const first = (await call('PUT', _href, { units: others, enabled: false })).json
    assert.deepEqual([first.units, first.options, first.enabled], [others, { apply: true }, false])
    const second = (await call('PUT', _href, { options: {} })).json
    assert.deepEqual([second.units, second.options, second.schedule], [others, {}, schedule])
    assert.deepEqual((await call('PUT', _href)).json.units, others)
    assert.equal((await call('DELETE', _href)).text, 'null')
    assert.equal((await call('GET', _href)).status, 404)
  })

  it('are refused for what they cannot be', async () => {
    const names = async (body: object) => {
      const { json } = await call('POST', install, body)
      return [json.error.code, json.error.data.property_names]
    }
    assert.deepEqual(await names({ schedule }), ['PLP0016', ['units']])
    assert.deepEqual(await names({ units }), ['PLP0015', ['schedule']])
    assert.deepEqual(await names({ schedule, units: [{ type_id: 1 }] }), ['PLP0015', ['type_id', 'unit_key']])
    assert.deepEqual(await names({ schedule, units, override_config: {} }), ['PLP0017', ['override_config']])
    const { _href } = (await call('POST', install, { schedule, units })).json
    assert.deepEqual((await call('PUT', _href, { schedule: 'x' })).json.property_names, ['iso_schedule'])
    for (const method of ['GET', 'POST'] as const) {
      const body = method === 'POST' ? { schedule, units } : undefined
      const nobody = await call(method, 'consumers/nobody/schedules/content/install/', body)
      assert.deepEqual(nobody.json.resources, { consumer_id: 'nobody' })
    }
  })

  it('queue the task that the agent would be asked to do, count it, and go with their consumer', async () => {
    await call('POST', 'consumers/', { id: 'due' })
    const base = 'consumers/due/schedules/content/uninstall/'
    const { _href, _id } = (await call('POST', base, { schedule: 'R2/PT1H', units, options: { a: 1 } })).json
    const due = new PostgresDueSchedules(api().services.opened.database)
    const [run] = await due.start(new Date(), scheduledTask)
    assert.deepEqual([run?.task?.operation, run?.task?.agent], ['consumer-uninstall', 'due'])
    assert.deepEqual(run?.task?.arguments, { consumer: 'due', units, options: { a: 1 } })
    assert.deepEqual(run?.task?.tags, ['consumer:due', 'action:unit_uninstall'])
    const failed = { error: { kind: 'internal', message: 'no', details: {}, trace: null } } as const
    await api().services.agentTasks.end({ consumer: 'due', task: run?.task?.id ?? '' }, failed)
    const { total_run_count, remaining_runs, consecutive_failures } = (await call('GET', _href)).json
    assert.deepEqual([total_run_count, remaining_runs, consecutive_failures], [1, 1, 1])
    await call('DELETE', 'consumers/due/')
    await call('POST', 'consumers/', { id: 'due' })
    assert.deepEqual((await call('GET', base)).json, [])
    assert.deepEqual((await call('GET', `${base}${_id}/`)).json.resources, { schedule_id: _id })
  })
})
