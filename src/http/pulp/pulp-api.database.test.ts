import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { Value } from 'typebox/value'
import { silentLog } from '../../core/log.ts'
import { superUsers } from '../../core/user.ts'
import { hashPassword } from '../../operations/passwords.ts'
import { compose } from '../../server/compose.ts'
import { readConfig } from '../../server/config.ts'
import { pulpServices } from '../../server/pulp-services.ts'
import { type FreshDatabases, onOneDatabase } from '../../testing/databases.ts'
import { callApi } from '../../testing/pulp-server.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { PulpRepository } from '../../wire/pulp/repository.ts'
import { PulpTaskReport } from '../../wire/pulp/task-report.ts'
import { createPulpApi } from './pulp-api.ts'

const authorization = `Basic ${Buffer.from('admin:right').toString('base64')}`

/** The API on the real operations, stores and plugins. Nobody runs the tasks. */
async function openApi(fresh: FreshDatabases) {
  const { url } = await fresh.open()
  const config = readConfig({ DECKLE_DATA_DIR: await temporaryFolder() })
  const services = await compose(config, url, silentLog, 4)
  after(() => services.opened.close())
  const passwordHash = await hashPassword('right')
  await services.users.put({ login: 'admin', name: 'admin', passwordHash, roles: [superUsers] })
  const app = createPulpApi(pulpServices(services, config), { log: silentLog })
  after(() => app.close())
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', target: string, body?: unknown, headers = {}) =>
    callApi(app, method, target, body, { authorization, ...headers })
  return { call, services }
}

const zoo = {
  id: 'zoo',
  notes: { '_repo-type': 'iso-repo' },
  importer_type_id: 'iso_importer',
  importer_config: {
    feed: 'http://127.0.0.1:1/',
    basic_auth_username: 'me',
    basic_auth_password: 'pw',
    proxy_port: null,
  },
  distributors: [
    {
      distributor_id: 'iso_distributor',
      distributor_type_id: 'iso_distributor',
      distributor_config: { serve_http: true, serve_https: false },
      auto_publish: true,
    },
  ],
}

onOneDatabase('The Pulp API on a database', (fresh) => {
  it('creates, shows, lists and finds a repository', async () => {
    const { call } = await openApi(fresh)
    const made = await call('POST', 'repositories/', { ...zoo, retain_versions: 3 })
    assert.deepEqual([made.status, made.reason], [201, 'CREATED'])
    const { json: changed } = await call('PUT', 'repositories/zoo/', { delta: { retain_versions: 4 } })
    assert.deepEqual([made.json.retain_versions, changed.result.retain_versions], [3, 4])
    const { json } = await call('GET', 'repositories/zoo/?details=true')
    assert.equal(Value.Check(PulpRepository, json), true)
    const { basic_auth_password, ...config } = json.importers[0].config
    assert.equal(basic_auth_password, '*****')
    assert.deepEqual(config, { feed: 'http://127.0.0.1:1/', basic_auth_username: 'me' })
    assert.deepEqual(json.distributors[0].config, zoo.distributors[0]?.distributor_config)
    const { total_repository_units, locally_stored_units, ...shown } = json
    assert.deepEqual([total_repository_units, locally_stored_units], [0, 0])
    assert.deepEqual((await call('GET', 'repositories/?details=true')).json, [shown])
    const criteria = { filters: { 'notes._repo-type': 'iso-repo', _id: json._id.$oid } }
    assert.deepEqual((await call('POST', 'repositories/search/', { criteria, details: true })).json, [shown])
    const distributors = { filters: { _id: { $in: [json.distributors[0]._id.$oid] } } }
    const found = await call('POST', 'distributors/search/', { criteria: distributors })
    assert.deepEqual(found.json, json.distributors)
  })

  it('answers what clients get wrong', async () => {
    const { call } = await openApi(fresh)
    await call('POST', 'repositories/', zoo)
    const cases: [body: unknown, status: number, code: string][] = [
      [{ id: null }, 400, 'PLP0015'],
      [['zoo'], 400, 'PLP1015'],
      [{}, 400, 'PLP0015'],
      [{ id: 'zoo' }, 409, 'PLP0018'],
      [{ id: 'a b' }, 400, 'PLP0015'],
      [{ id: 'a', importer_type_id: 'nope' }, 400, 'PLP1008'],
      [{ ...zoo, id: 'a', importer_config: { max_downloads: 'many' } }, 400, 'PLP1000'],
      [{ id: 'a', distributors: [{ distributor_type_id: 'nope' }] }, 400, 'PLP0015'],
    ]
    for (const [body, status, code] of cases) {
      const answer = await call('POST', 'repositories/', body)
      assert.deepEqual([answer.status, answer.json.error.code], [status, code], JSON.stringify(body))
    }
    assert.deepEqual((await call('POST', 'repositories/', { id: 'a b' })).json.property_names, ['repo_id'])
    assert.deepEqual((await call('GET', 'repositories/')).json.length, 1)
    const missing = await call('GET', 'repositories/zoo/importers/nope/')
    assert.deepEqual([missing.status, missing.json.resources], [404, { importer_id: 'nope' }])
    const task = await call('GET', 'tasks/nope/')
    assert.deepEqual([task.status, task.json.resources], [404, { resource_id: 'nope' }])
    const none = await call(
      'PUT',
      'repositories/zoo/',
      { importer_config: { feed: null } },
      { authorization: 'Basic x' },
    )
    assert.deepEqual([none.status, none.json.error.code], [401, 'PLP0030'])
  })

  it('queues tasks that are found by their tags, and cancels them', async () => {
    const { call } = await openApi(fresh)
    await call('POST', 'repositories/', zoo)
    const queued = await call('POST', 'repositories/zoo/actions/sync/', '')
    assert.equal(queued.status, 202)
    const [{ _href, task_id }] = queued.json.spawned_tasks
    const shown = await call('GET', _href)
    assert.equal(Value.Check(PulpTaskReport, shown.json), true)
    assert.deepEqual([shown.json.state, shown.json.queue], ['waiting', ''])
    const { queue, ...report } = shown.json
    assert.deepEqual((await call('GET', 'tasks/?tag=pulp:action:sync&tag=pulp:repository:zoo')).json, [report])
    const filters = { task_id: { $in: [task_id] }, tags: 'pulp:action:sync', id: report.id }
    assert.deepEqual((await call('POST', 'tasks/search/', { criteria: { filters } })).json, [report])
    assert.equal((await call('DELETE', _href)).text, 'null')
    assert.equal((await call('GET', _href)).json.state, 'canceled')
  })

  it('changes a repository, keeping secrets that come back masked', async () => {
    const { call, services } = await openApi(fresh)
    await call('POST', 'repositories/', zoo)
    const { json } = await call('GET', 'repositories/zoo/importers/')
    const importer_config = { ...json[0].config, feed: 'http://127.0.0.1:2/' }
    const delta = { description: 'animals', notes: { '_repo-type': null, kept: true } }
    const changed = await call('PUT', 'repositories/zoo/', { delta, importer_config, distributor_configs: null })
    assert.deepEqual([changed.status, changed.json.result.notes], [200, { kept: true }])
    const stored = await services.repositories.importer('zoo')
    assert.equal(stored?.config['basic_auth_password'], 'pw')
    assert.equal(stored?.config['feed'], 'http://127.0.0.1:2/')
    const queued = await call('PUT', 'repositories/zoo/', { distributor_configs: { iso_distributor: {} } })
    assert.deepEqual([queued.status, queued.json.spawned_tasks.length], [202, 1])
  })

  it('refuses a search that the database cannot do', async () => {
    const { call } = await openApi(fresh)
    const criteria = { filters: { id: { $regex: '(' } } }
    const answer = await call('POST', 'repositories/search/', { criteria })
    assert.deepEqual([answer.status, answer.json.property_names], [400, ['criteria']])
    assert.equal(answer.json.error.sub_errors.length, 1)
    const tasks = await call('POST', 'tasks/search/', { criteria: { filters: { state: { $regex: '(' } } } })
    assert.equal(tasks.status, 400)
  })
})
