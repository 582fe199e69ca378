import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PulpServer } from '../../testing/pulp-server.ts'

async function serverWith(...ids: readonly string[]): Promise<PulpServer> {
  const server = new PulpServer()
  for (const id of ids) await server.call('POST', 'repositories/', { id })
  return server
}

const associate = 'repositories/zoo/actions/associate/'
const unassociate = 'repositories/zoo/actions/unassociate/'

describe('/repositories/<id>/actions/associate/ and unassociate/', () => {
  it('queue tasks that carry the criteria', async () => {
    const server = await serverWith('zoo', 'farm')
    const criteria = { type_ids: 'stub', filters: { unit: { name: { $regex: '^a' } } }, limit: '2' }
    const copy = await server.call('POST', associate, { source_repo_id: 'farm', criteria, override_config: { a: 1 } })
    const removal = await server.call('POST', unassociate, { criteria })
    assert.deepEqual([copy.status, removal.status], [202, 202])
    const [copied, removed] = await Array.fromAsync(server.tasks.list({}))
    const read = {
      types: ['stub'],
      unit: { kind: 'field', path: ['name'], test: { op: 'matches', pattern: '^a', options: '' } },
      association: { kind: 'all', filters: [] },
      unitSort: [],
      associationSort: [],
      limit: 2,
      skip: 0,
    }
    assert.deepEqual(copied?.arguments, { repository: 'zoo', source: 'farm', criteria: read, override: { a: 1 } })
    assert.deepEqual(removed?.arguments, { repository: 'zoo', criteria: read })
    assert.deepEqual(copied?.resources, ['repository:zoo'])
  })

  it('need the right to change every repository that a copy fills', async () => {
    const server = await serverWith('zoo', 'farm', 'other', 'third')
    const importer = { importer_type_id: 'stub_importer', importer_config: {} }
    await server.call('POST', 'repositories/', { id: 'fed', ...importer })
    const copy = { source_repo_id: 'farm', override_config: { also: { other: 'third' } } }
    const path = 'repositories/fed/actions/associate/'
    const status = async () => (await server.call('POST', path, copy, { authorization: 'guest' })).status
    const give = (id: string) =>
      server.access.grants.give({ login: 'guest', resource: `/v2/repositories/${id}/`, operations: ['update'] })
    await give('fed')
    assert.equal(await status(), 401)
    assert.deepEqual(await Array.fromAsync(server.tasks.list({})), [])
    await give('third')
    assert.equal(await status(), 202)
    const [task] = await Array.fromAsync(server.tasks.list({}))
    assert.deepEqual(task?.resources, ['repository:fed', 'repository:third'])
  })

  it('take everything where there are no criteria', async () => {
    const server = await serverWith('zoo')
    for (const body of [undefined, {}, { criteria: {} }, { criteria: null }]) {
      assert.equal((await server.call('POST', unassociate, body)).status, 202, JSON.stringify(body))
    }
    assert.equal((await server.call('POST', associate, { source_repo_id: 'zoo' })).status, 202)
  })

  it('name what is wrong', async () => {
    const server = await serverWith('zoo')
    const source = { source_repo_id: 'zoo' }
    const cases: [body: unknown, code: string, names: readonly string[]][] = [
      [{}, 'PLP0016', ['source_repo_id']],
      [{ source_repo_id: 1 }, 'PLP0015', ['source_repo_id']],
      [{ source_repo_id: 'nowhere' }, 'PLP0015', ['source_repo_id']],
      [{ ...source, override_config: 1 }, 'PLP0015', ['override_config']],
      [{ ...source, criteria: [] }, 'PLP0015', ['criteria']],
      [{ ...source, criteria: { other: 1 } }, 'PLP0015', ['criteria']],
      [{ ...source, criteria: { filters: { name: 'x' } } }, 'PLP0015', ['criteria']],
      [{ ...source, criteria: { filters: { unit: { name: { $near: 1 } } } } }, 'PLP0015', ['criteria']],
    ]
    for (const [body, code, names] of cases) {
      const { status, json } = await server.call('POST', associate, body)
      const { error } = json
      assert.deepEqual([status, error.code, error.data.property_names], [400, code, names], JSON.stringify(body))
    }
    const refused = await server.call('POST', unassociate, { criteria: { skip: -1 } })
    assert.deepEqual([refused.status, refused.json.property_names], [400, ['criteria']])
    assert.match(refused.json.error.sub_errors[0].description, /skip/)
    assert.deepEqual(await Array.fromAsync(server.tasks.list({})), [])
  })

  it('know no other repositories', async () => {
    const server = await serverWith('farm')
    for (const path of [associate, unassociate]) {
      const { status, json } = await server.call('POST', path, { source_repo_id: 'farm' })
      assert.deepEqual([status, json.resources], [404, { repository: 'zoo' }])
    }
  })
})
