import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpCallReport } from '../../wire/pulp/call-report.ts'
import { PulpRepository } from '../../wire/pulp/repository.ts'

const withEverything = {
  id: 'harness_repo_1',
  display_name: 'Harness Repository: harness_repo_1',
  notes: { '_repo-type': 'rpm-repo' },
  importer_type_id: 'stub_importer',
  importer_config: { feed: 'http://me:pw@upstream/', proxy_password: 'secret', num_units: '5' },
  distributors: [
    {
      distributor_id: 'dist_1',
      distributor_type_id: 'stub_distributor',
      distributor_config: { publish_dir: '/harness' },
      auto_publish: false,
    },
  ],
  unknown: 'is ignored',
}

async function serverWithRepository() {
  const server = new PulpServer()
  assert.equal((await server.call('POST', 'repositories/', withEverything)).status, 201)
  return server
}

describe('POST /repositories/', () => {
  it('answers 201 CREATED with the repository alone and its path', async () => {
    const answer = await new PulpServer().call('POST', 'repositories/', withEverything)
    assert.deepEqual([answer.status, answer.reason], [201, 'CREATED'])
    assert.equal(answer.headers['location'], '/pulp/api/v2/repositories/harness_repo_1/')
    assert.ok(Value.Check(PulpRepository, answer.json))
    assert.deepEqual(answer.json, {
      _id: { $oid: '57237d000001000000000001' },
      _ns: 'repos',
      _href: '/pulp/api/v2/repositories/harness_repo_1/',
      id: 'harness_repo_1',
      display_name: 'Harness Repository: harness_repo_1',
      description: null,
      notes: { '_repo-type': 'rpm-repo' },
      scratchpad: {},
      content_unit_counts: {},
      last_unit_added: null,
      last_unit_removed: null,
    })
  })

  it('takes the id for the name only when there is no name', async () => {
    const server = new PulpServer()
    assert.equal((await server.call('POST', 'repositories/', { id: 'a' })).json.display_name, 'a')
    assert.equal((await server.call('POST', 'repositories/', { id: 'b', display_name: null })).json.display_name, null)
  })

  it('takes null for nothing', async () => {
    const body = { id: 'a', notes: null, importer_type_id: null, importer_config: null, distributors: null }
    const answer = await new PulpServer().call('POST', 'repositories/', body)
    assert.deepEqual([answer.status, answer.json.notes], [201, {}])
  })

  it('takes the config of a distributor by the name that the written API gives it', async () => {
    const server = new PulpServer()
    const distributors = [{ distributor_type_id: 'stub_distributor', repo_plugin_config: { a: 1 } }]
    await server.call('POST', 'repositories/', { id: 'a', distributors })
    const [distributor] = await server.repositories.distributors('a')
    assert.deepEqual(distributor?.config, { a: 1 })
  })

  it('refuses what is wrong by the names that Pulp gives it', async () => {
    const server = new PulpServer()
    const type = 'stub_distributor'
    const cases: [unknown, string][] = [
      [{}, 'repo_id'],
      [{ id: null }, 'repo_id'],
      [{ id: 1 }, 'repo_id'],
      [{ id: 'a/b' }, 'repo_id'],
      [{ id: 'a', notes: [] }, 'notes'],
      [{ id: 'a', notes: 'x' }, 'notes'],
      [{ id: 'a', display_name: 1 }, 'display_name'],
      [{ id: 'a', description: {} }, 'description'],
      [{ id: 'a', importer_type_id: 1 }, 'importer_type_id'],
      [{ id: 'a', importer_type_id: 'stub_importer', importer_config: [] }, 'importer_config'],
      [{ id: 'a', distributors: {} }, 'distributor_list'],
      [{ id: 'a', distributors: ['x'] }, 'distributor_list'],
      [{ id: 'a', distributors: [{}] }, 'distributor_type_id'],
      [{ id: 'a', distributors: [{ distributor_type_id: 'x' }] }, 'distributor_type_id'],
      [{ id: 'a', distributors: [{ distributor_type_id: type, distributor_config: 1 }] }, 'distributor_config'],
      [{ id: 'a', distributors: [{ distributor_type_id: type, distributor_id: 1 }] }, 'distributor_id'],
      [{ id: 'a', distributors: [{ distributor_type_id: type, auto_publish: 'yes' }] }, 'auto_publish'],
    ]
    for (const [body, name] of cases) {
      const answer = await server.call('POST', 'repositories/', body)
      assert.deepEqual([answer.status, answer.json.http_status, answer.json.error.code], [400, 400, 'PLP0015'])
      assert.deepEqual(answer.json.property_names, [name], JSON.stringify(body))
      assert.deepEqual(answer.json.error.data, { property_names: [name], properties: name })
      assert.equal(answer.headers['location'], undefined)
    }
  })

  it('refuses an id that exists with 409', async () => {
    const server = await serverWithRepository()
    const answer = await server.call('POST', 'repositories/', { id: 'harness_repo_1' })
    assert.deepEqual([answer.status, answer.json.http_status, answer.json.error.code], [409, 409, 'PLP0018'])
    assert.equal(answer.json.resource_id, 'harness_repo_1')
    assert.deepEqual(answer.json.error.data, { resource_id: 'harness_repo_1' })
  })

  it('refuses an importer that does not exist, and configs that a plugin refuses', async () => {
    const server = new PulpServer()
    const unknown = await server.call('POST', 'repositories/', { id: 'a', importer_type_id: 'x' })
    assert.deepEqual([unknown.status, unknown.json.error.code], [400, 'PLP1008'])
    assert.deepEqual(unknown.json.error.data, { importer_type_id: 'x' })

    const importer = { importer_type_id: 'stub_importer', importer_config: { refused: 1 } }
    const refused = await server.call('POST', 'repositories/', { id: 'a', ...importer })
    assert.deepEqual([refused.status, refused.json.error.code], [400, 'PLP1000'])
    assert.deepEqual(refused.json.error.data, { validation_errors: 'refused is refused' })

    const distributors = [{ distributor_type_id: 'stub_distributor', distributor_config: { refused: 1 } }]
    const other = await server.call('POST', 'repositories/', { id: 'a', distributors })
    assert.deepEqual([other.status, other.json.error.code], [400, 'PLP0000'])
    assert.deepEqual([other.json.args, other.json.error.data], [['refused is refused'], {}])
  })
})

describe('GET /repositories/', () => {
  it('lists repositories in order of id, with what is asked for', async () => {
    const server = await serverWithRepository()
    await server.call('POST', 'repositories/', { id: 'another' })
    const plain = await server.call('GET', 'repositories/')
    assert.deepEqual(
      plain.json.map((repository: PulpRepository) => [repository.id, 'importers' in repository]),
      [
        ['another', false],
        ['harness_repo_1', false],
      ],
    )
    const details = await server.call('GET', 'repositories/?details=True')
    assert.deepEqual([details.json[0].importers, details.json[0].distributors], [[], []])
    assert.ok(details.json.every((repository: unknown) => Value.Check(PulpRepository, repository)))
    assert.ok(!('total_repository_units' in details.json[1]))
    const importers = await server.call('GET', 'repositories/?importers=true&distributors=no')
    assert.equal(importers.json[1].importers[0].id, 'stub_importer')
    assert.ok(!('distributors' in importers.json[1]))
  })

  it('is an empty array when there is nothing', async () => {
    assert.equal((await new PulpServer().call('GET', 'repositories/')).text, '[]')
  })
})

describe('GET /repositories/<id>/', () => {
  it('shows importers, distributors and totals with details', async () => {
    const server = await serverWithRepository()
    await server.repositories.alter('harness_repo_1', {
      counts: { rpm: 32, erratum: 4 },
      lastUnitAdded: new Date('2016-04-29T16:27:18.999Z'),
    })
    const answer = await server.call('GET', 'repositories/harness_repo_1/?details=true')
    assert.ok(Value.Check(PulpRepository, answer.json))
    assert.deepEqual(answer.json.content_unit_counts, { rpm: 32, erratum: 4 })
    assert.deepEqual([answer.json.total_repository_units, answer.json.locally_stored_units], [36, 36])
    assert.equal(answer.json.last_unit_added, '2016-04-29T16:27:18Z')
    assert.deepEqual(answer.json.importers, [
      {
        _id: { $oid: '57237d000002000000000002' },
        _ns: 'repo_importers',
        _href: '/pulp/api/v2/repositories/harness_repo_1/importers/stub_importer/',
        id: 'stub_importer',
        importer_type_id: 'stub_importer',
        repo_id: 'harness_repo_1',
        config: { feed: 'http://me:*****@upstream/', proxy_password: '*****', num_units: '5' },
        last_sync: null,
        last_updated: '2016-04-29T15:25:52Z',
        last_override_config: {},
        scratchpad: null,
        sync_in_progress: false,
        scheduled_syncs: [],
      },
    ])
    assert.deepEqual(answer.json.distributors, [
      {
        _id: { $oid: '57237d000003000000000003' },
        _ns: 'repo_distributors',
        _href: '/pulp/api/v2/repositories/harness_repo_1/distributors/dist_1/',
        id: 'dist_1',
        distributor_type_id: 'stub_distributor',
        repo_id: 'harness_repo_1',
        config: { publish_dir: '/harness' },
        auto_publish: false,
        last_publish: null,
        last_updated: '2016-04-29T15:25:52Z',
        last_override_config: {},
        scratchpad: {},
        publish_in_progress: false,
        scheduled_publishes: [],
      },
    ])
  })

  it('tells that a sync and a publish are in progress', async () => {
    const server = await serverWithRepository()
    await server.call('POST', 'repositories/', { ...withEverything, id: 'other' })
    const tags = ['repository:harness_repo_1']
    const running = await server.tasks.enqueue([
      { operation: 's', arguments: {}, tags: [...tags, 'action:sync'], resources: [] },
      { operation: 'p', arguments: { distributor: 'dist_1' }, tags: [...tags, 'action:publish'], resources: [] },
    ])
    for (const task of running) server.tasks.alter(task.id, { state: 'running' })
    const seen = (await server.call('GET', 'repositories/?details=true')).json.map((repository: PulpRepository) => [
      repository.importers?.[0]?.sync_in_progress,
      repository.distributors?.[0]?.publish_in_progress,
    ])
    assert.deepEqual(seen, [
      [true, true],
      [false, false],
    ])
  })
})

describe('PUT /repositories/<id>/', () => {
  it('answers 200 with the changed repository in a call report', async () => {
    const server = await serverWithRepository()
    const body = { delta: { display_name: 'Updated', id: 'ignored' }, importer_config: null, distributor_configs: {} }
    const answer = await server.call('PUT', 'repositories/harness_repo_1/', body)
    assert.equal(answer.status, 200)
    assert.equal(Value.Check(PulpCallReport, answer.json), true)
    assert.deepEqual([answer.json.error, answer.json.spawned_tasks], [null, []])
    assert.deepEqual([answer.json.result.id, answer.json.result.display_name], ['harness_repo_1', 'Updated'])
  })

  it('answers 202 with a task for each distributor config', async () => {
    const server = await serverWithRepository()
    const body = { distributor_configs: { dist_1: { a: 1 } } }
    const answer = await server.call('PUT', 'repositories/harness_repo_1/', body)
    assert.equal(answer.status, 202)
    const task_id = '00000000-0000-4000-8000-000000000001'
    assert.deepEqual(answer.json.spawned_tasks, [{ _href: `/pulp/api/v2/tasks/${task_id}/`, task_id }])
  })

  it('does nothing with an empty body', async () => {
    const server = await serverWithRepository()
    assert.equal((await server.call('PUT', 'repositories/harness_repo_1/', '')).status, 200)
  })

  it('refuses a delta that is no object in its own way', async () => {
    const server = await serverWithRepository()
    const answer = await server.call('PUT', 'repositories/harness_repo_1/', { delta: 'x' })
    assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP1010'])
    assert.deepEqual(answer.json.error.data, { value: '"x"', field: 'delta', field_type: 'dict' })
  })

  it('refuses configs that are no objects', async () => {
    const server = await serverWithRepository()
    for (const body of [{ distributor_configs: { dist_1: 1 } }, { distributor_configs: [] }]) {
      const answer = await server.call('PUT', 'repositories/harness_repo_1/', body)
      assert.deepEqual([answer.status, answer.json.property_names], [400, ['distributor_configs']])
    }
  })
})

describe('DELETE /repositories/<id>/', () => {
  it('answers 202 with the task that will do it', async () => {
    const server = await serverWithRepository()
    const answer = await server.call('DELETE', 'repositories/harness_repo_1/', '')
    assert.equal(answer.status, 202)
    assert.equal(answer.json.result, null)
    assert.equal(answer.json.spawned_tasks.length, 1)
  })

  it('answers 404 for a repository that does not exist', async () => {
    const answer = await new PulpServer().call('DELETE', 'repositories/nope/')
    assert.deepEqual([answer.status, answer.json.resources], [404, { repository: 'nope' }])
  })
})
