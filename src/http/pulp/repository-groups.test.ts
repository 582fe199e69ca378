import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpGroupDistributor, PulpRepositoryGroup } from '../../wire/pulp/repository-group.ts'

async function aZoo(): Promise<PulpServer> {
  const server = new PulpServer()
  for (const id of ['lion', 'bear']) await server.call('POST', 'repositories/', { id })
  await server.call('POST', 'repo_groups/', { id: 'zoo', repo_ids: ['lion'], notes: { a: 1, b: 2 } })
  return server
}

describe('/repo_groups/', () => {
  it('makes, shows, lists, changes and deletes a group', async () => {
    const server = await aZoo()
    const made = await server.call('POST', 'repo_groups/', { id: 'ark' })
    assert.deepEqual([made.status, made.headers['location']], [201, '/pulp/api/v2/repo_groups/ark/'])
    const { distributors, ...group } = made.json
    assert.deepEqual([distributors, Value.Check(PulpRepositoryGroup, group)], [[], true])
    const { display_name, description, notes, repo_ids, scratchpad } = group
    assert.deepEqual([display_name, description, notes, repo_ids, scratchpad], [null, null, {}, [], null])
    assert.deepEqual((await server.call('GET', 'repo_groups/ark/')).json, group)
    assert.deepEqual((await server.call('GET', 'repo_groups/')).json.length, 2)
    const gone = await server.call('DELETE', 'repo_groups/ark/')
    assert.deepEqual([gone.status, gone.text], [200, 'null'])
    assert.deepEqual((await server.call('GET', 'repo_groups/ark/')).json.resources, { repo_group: 'ark' })
  })

  it('merges notes, and takes out those with an empty value', async () => {
    const server = await aZoo()
    const { json } = await server.call('PUT', 'repo_groups/zoo/', { notes: { a: '', c: 3 }, display_name: 'Zoo' })
    assert.deepEqual([json.notes, json.display_name, json.description], [{ b: 2, c: 3 }, 'Zoo', null])
    for (const empty of [null, 0, false, [], {}]) {
      await server.call('PUT', 'repo_groups/zoo/', { notes: { c: 3 } })
      const cleared = await server.call('PUT', 'repo_groups/zoo/', { notes: { c: empty } })
      assert.deepEqual(cleared.json.notes, { b: 2 }, JSON.stringify(empty))
    }
  })

  it('echoes the distributors of a new group, their secrets masked', async () => {
    const server = new PulpServer()
    const distributors = [
      { distributor_type_id: 'stub_group_distributor', distributor_id: 'd', distributor_config: { token: 'geheim' } },
    ]
    const { json } = await server.call('POST', 'repo_groups/', { id: 'zoo', distributors })
    assert.deepEqual(json.distributors, [{ ...distributors[0], distributor_config: { token: '*****' } }])
    const { json: all } = await server.call('GET', 'repo_groups/zoo/distributors/')
    assert.deepEqual(
      [all.length, all[0].config, Value.Check(PulpGroupDistributor, all[0])],
      [1, { token: '*****' }, true],
    )
  })

  it('takes repositories in and out by criteria', async () => {
    const server = await aZoo()
    const criteria = { filters: { id: { $in: ['bear', 'lion'] } } }
    const associate = await server.call('POST', 'repo_groups/zoo/actions/associate/', { criteria })
    assert.deepEqual([associate.status, associate.json], [200, ['bear', 'lion']])
    const one = await server.call('POST', 'repo_groups/zoo/actions/unassociate/', {
      criteria: { filters: { id: 'bear' } },
    })
    assert.deepEqual(one.json, ['lion'])
    assert.deepEqual((await server.call('POST', 'repo_groups/zoo/actions/unassociate/')).json, [])
    assert.deepEqual((await server.call('POST', 'repo_groups/zoo/actions/associate/', {})).json, ['bear', 'lion'])
  })

  it('finds groups by their repositories and shows only what is asked for', async () => {
    const server = await aZoo()
    await server.call('POST', 'repo_groups/', { id: 'ark' })
    const criteria = { filters: { repo_ids: 'lion' }, fields: ['notes'] }
    const { json } = await server.call('POST', 'repo_groups/search/', { criteria })
    assert.deepEqual(
      json.map((group: object) => Object.keys(group).toSorted()),
      [['_href', '_id', 'id', 'notes']],
    )
  })

  it('adds, replaces, changes and removes distributors at once', async () => {
    const server = await aZoo()
    const path = 'repo_groups/zoo/distributors/'
    const body = {
      distributor_type_id: 'stub_group_distributor',
      distributor_id: 'd',
      distributor_config: { a: 1, token: 'x' },
    }
    const made = await server.call('POST', path, body)
    assert.deepEqual([made.status, made.headers['location']], [201, `/pulp/api/v2/${path}d/`])
    assert.deepEqual([made.json.repo_group_id, made.json.last_publish, made.json.scratchpad], ['zoo', null, null])
    const change = { distributor_config: { a: null, b: 2, token: '*****' } }
    const changed = await server.call('PUT', `${path}d/`, change)
    assert.deepEqual([changed.status, changed.json.config], [200, { b: 2, token: '*****' }])
    const kept = await server.services.repositoryGroups.distributor('zoo', 'd')
    assert.deepEqual(kept.config, { b: 2, token: 'x' })
    assert.equal((await server.call('DELETE', `${path}d/`, { force: true })).status, 200)
    const { json } = await server.call('GET', `${path}d/`)
    assert.deepEqual(json.resources, { repo_group: 'zoo', distributor: 'd' })
  })

  it('queues a publish that holds the group', async () => {
    const server = await aZoo()
    const distributor = { distributor_type_id: 'stub_group_distributor', distributor_id: 'd' }
    await server.call('POST', 'repo_groups/zoo/distributors/', distributor)
    const { status, json } = await server.call('POST', 'repo_groups/zoo/actions/publish/', { id: 'd' })
    assert.equal(status, 202)
    const task = await server.tasks.get(json.spawned_tasks[0].task_id)
    assert.deepEqual(task.resources, ['repository_group:zoo'])
    const report = await server.call('GET', `tasks/${task.id}/`)
    assert.equal(report.json.task_type, 'pulp.server.managers.repo.group.publish.publish')
  })

  it('answers what clients get wrong', async () => {
    const server = await aZoo()
    const stub = { distributor_type_id: 'stub_group_distributor' }
    const cases: readonly [
      method: 'POST' | 'PUT' | 'DELETE',
      path: string,
      body: unknown,
      status: number,
      code: string,
      names?: unknown,
    ][] = [
      ['POST', '', {}, 400, 'PLP0016', ['id']],
      ['POST', '', { id: 'a b' }, 400, 'PLP0015', ['id']],
      ['POST', '', { id: 'x'.repeat(300) }, 400, 'PLP0015', ['id']],
      ['POST', '', { id: 'new', age: 1 }, 400, 'PLP0015', ['age']],
      ['POST', '', { id: 'new', repo_ids: 'lion' }, 400, 'PLP0015', ['repo_ids']],
      ['POST', '', { id: 'new', repo_ids: ['no'] }, 404, 'PLP0009'],
      [
        'POST',
        '',
        { id: 'new', distributors: [{ distributor_type_id: 'no' }] },
        400,
        'PLP0015',
        ['distributor_type_id'],
      ],
      [
        'POST',
        '',
        {
          id: 'new',
          distributors: [
            { ...stub, distributor_id: 'd' },
            { ...stub, distributor_id: 'd' },
          ],
        },
        400,
        'PLP0015',
        ['distributor_id'],
      ],
      ['POST', '', { id: 'zoo' }, 409, 'PLP0018'],
      ['PUT', 'zoo/', { delta: {} }, 400, 'PLP0015', ['delta']],
      ['PUT', 'zoo/', { notes: 1 }, 400, 'PLP0015', ['notes']],
      ['PUT', 'no/', {}, 404, 'PLP0009'],
      ['DELETE', 'no/', undefined, 404, 'PLP0009'],
      ['POST', 'zoo/actions/associate/', { criteria: { age: 1 } }, 400, 'PLP0015', ['age']],
      ['POST', 'zoo/actions/associate/', { criteria: [] }, 400, 'PLP0015', ['criteria']],
      ['POST', 'no/actions/associate/', {}, 404, 'PLP0009'],
      ['POST', 'zoo/distributors/', {}, 400, 'PLP0016', ['distributor_type_id']],
      ['POST', 'zoo/distributors/', { ...stub, distributor_config: { refused: 1 } }, 400, 'PLP0000'],
      ['POST', 'zoo/distributors/', { ...stub, distributor_id: 'a.b' }, 400, 'PLP0015', ['distributor_id']],
      ['POST', 'no/distributors/', stub, 404, 'PLP0009'],
      ['PUT', 'zoo/distributors/d/', {}, 400, 'PLP0016', ['distributor_config']],
      ['PUT', 'zoo/distributors/d/', { distributor_config: {} }, 404, 'PLP0009'],
      ['DELETE', 'zoo/distributors/d/', undefined, 404, 'PLP0009'],
      ['POST', 'zoo/actions/publish/', {}, 400, 'PLP0016', ['id']],
      ['POST', 'zoo/actions/publish/', { id: 'no' }, 404, 'PLP0009'],
    ]
    for (const [method, path, body, status, code, names] of cases) {
      const { json, status: answered } = await server.call(method, `repo_groups/${path}`, body)
      const title = `${method} ${path} ${JSON.stringify(body)} ${JSON.stringify(json?.error)}`
      assert.deepEqual([answered, json?.error?.code], [status, code], title)
      if (names !== undefined) assert.deepEqual(json.error.data.property_names, names, title)
    }
  })
})
