import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpRole } from '../../wire/pulp/role.ts'
import { PulpUser } from '../../wire/pulp/user.ts'

async function withKeepers(): Promise<PulpServer> {
  const server = new PulpServer()
  await server.call('POST', 'roles/', { role_id: 'keepers', description: 'of the zoo' })
  return server
}

describe('/roles/', () => {
  it('has the super-users from the start, who may do everything', async () => {
    const server = new PulpServer()
    const { json } = await server.call('GET', 'roles/')
    assert.equal(json.length, 1)
    assert.equal(Value.Check(PulpRole, json[0]), true)
    assert.deepEqual([json[0].id, json[0].users], ['super-users', ['admin']])
    assert.deepEqual(json[0].permissions, { '/': ['CREATE', 'READ', 'UPDATE', 'DELETE', 'EXECUTE'] })
    assert.deepEqual((await server.call('GET', 'roles/super-users/')).json, json[0])
  })

  it('makes, changes and deletes a role', async () => {
    const server = new PulpServer()
    const made = await server.call('POST', 'roles/', { role_id: 'keepers', display_name: '' })
    assert.deepEqual([made.status, made.headers['location']], [201, '/pulp/api/v2/roles/keepers/'])
    assert.equal(Value.Check(PulpRole, made.json), true)
    const { display_name, description, permissions } = made.json
    assert.deepEqual([display_name, description, permissions, 'users' in made.json], ['keepers', null, {}, false])
    const delta = { display_name: 'Keepers', description: 'x', id: 'other' }
    const changed = await server.call('PUT', 'roles/keepers/', { delta })
    assert.deepEqual([changed.status, changed.json.id], [200, 'keepers'])
    assert.deepEqual([changed.json.display_name, changed.json.description], ['Keepers', 'x'])
    const cleared = await server.call('PUT', 'roles/keepers/', { delta: { description: null } })
    assert.deepEqual([cleared.json.display_name, cleared.json.description], ['Keepers', null])
    const gone = await server.call('DELETE', 'roles/keepers/')
    assert.deepEqual([gone.status, gone.text], [200, 'null'])
    assert.deepEqual((await server.call('GET', 'roles/keepers/')).json.resources, { resource_id: 'keepers' })
  })

  it('answers what clients get wrong', async () => {
    const server = await withKeepers()
    const cases: readonly [
      method: 'POST' | 'PUT' | 'DELETE',
      path: string,
      body: unknown,
      status: number,
      code: string,
      names?: unknown,
    ][] = [
      ['POST', 'roles/', {}, 400, 'PLP0015', ['role_id']],
      ['POST', 'roles/', { role_id: null }, 400, 'PLP0015', ['role_id']],
      ['POST', 'roles/', { role_id: 'a.b' }, 400, 'PLP0015', ['role_id']],
      ['POST', 'roles/', { role_id: 'keepers' }, 409, 'PLP0018'],
      ['POST', 'roles/', { role_id: 'super-users' }, 409, 'PLP0018'],
      ['PUT', 'roles/keepers/', {}, 400, 'PLP0016', ['delta']],
      ['PUT', 'roles/keepers/', { delta: { users: [] } }, 400, 'PLP0000'],
      ['PUT', 'roles/keepers/', { delta: { display_name: 1 } }, 400, 'PLP0015', ['display_name']],
      ['PUT', 'roles/none/', { delta: {} }, 404, 'PLP0009'],
      ['DELETE', 'roles/none/', undefined, 404, 'PLP0009'],
      ['DELETE', 'roles/super-users/', undefined, 400, 'PLP0000'],
      ['POST', 'roles/keepers/users/', {}, 400, 'PLP0015', ['login']],
      ['POST', 'roles/keepers/users/', { login: 'nobody' }, 400, 'PLP0015', ['login']],
      ['POST', 'roles/none/users/', { login: 'guest' }, 404, 'PLP0009'],
      ['DELETE', 'roles/none/users/guest/', undefined, 404, 'PLP0009'],
      ['DELETE', 'roles/keepers/users/nobody/', undefined, 404, 'PLP0009'],
      ['DELETE', 'roles/super-users/users/admin/', undefined, 400, 'PLP0000'],
    ]
    for (const [method, path, body, status, code, names] of cases) {
      const { status: given, json } = await server.call(method, path, body)
      const say = `${method} ${path} ${JSON.stringify(body)}`
      assert.deepEqual([given, json.error.code, json.error.data.property_names], [status, code, names], say)
    }
    assert.equal((await server.call('POST', 'roles/', { role_id: 'keepers' })).json.resource_id, 'keepers')
    assert.equal((await server.call('GET', 'roles/none/users/')).status, 404)
  })

  it('takes members, who get what it gives, and lets them go', async () => {
    const server = await withKeepers()
    const grant = { role_id: 'keepers', resource: '/v2/repositories/', operations: ['read'] }
    await server.call('POST', 'permissions/actions/grant_to_role/', grant)
    const read = async () => (await server.call('GET', 'repositories/', undefined, { authorization: 'guest' })).status
    assert.equal(await read(), 401)
    for (const _ of [1, 2]) {
      const joined = await server.call('POST', 'roles/keepers/users/', { login: 'guest' })
      assert.deepEqual([joined.status, joined.text], [200, 'null'])
    }
    assert.equal(await read(), 200)
    const members = await server.call('GET', 'roles/keepers/users/')
    assert.equal(Value.Check(PulpUser, members.json[0]), true)
    assert.deepEqual([members.json.length, members.json[0].login, members.json[0].roles], [1, 'guest', ['keepers']])
    const role = (await server.call('GET', 'roles/keepers/')).json
    assert.deepEqual([role.users, role.permissions], [['guest'], { '/v2/repositories/': ['READ'] }])
    for (const _ of [1, 2]) {
      const left = await server.call('DELETE', 'roles/keepers/users/guest/')
      assert.deepEqual([left.status, left.text], [200, 'null'])
    }
    assert.equal(await read(), 401)
  })
})
