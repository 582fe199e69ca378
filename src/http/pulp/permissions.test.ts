import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpPermission } from '../../wire/pulp/permission.ts'

const zoo = '/v2/repositories/zoo/'

function act(server: PulpServer, action: string, body: unknown) {
  return server.call('POST', `permissions/actions/${action}/`, body)
}

describe('/permissions/', () => {
  it('lists who may do what, all or of one resource', async () => {
    const server = new PulpServer()
    for (const operations of [['execute', 'Read'], ['READ']]) {
      const given = await act(server, 'grant_to_user', { login: 'guest', resource: zoo, operations })
      assert.deepEqual([given.status, given.text], [200, 'null'])
    }
    const all = (await server.call('GET', 'permissions/')).json
    assert.ok(all.every((one: unknown) => Value.Check(PulpPermission, one)))
    assert.deepEqual(
      all.map((one: PulpPermission) => one.resource),
      ['/', zoo],
    )
    const found = await server.call('GET', `permissions/?resource=${zoo}`)
    assert.deepEqual(found.json, [all[1]])
    assert.deepEqual([all[1].users, all[1].id], [{ guest: ['READ', 'EXECUTE'] }, all[1]._id.$oid])
    const none = await server.call('GET', 'permissions/?resource=/v2/nothing/')
    assert.deepEqual([none.status, none.json], [200, []])
    await act(server, 'revoke_from_user', { login: 'guest', resource: zoo, operations: ['READ', 'EXECUTE', 'DELETE'] })
    assert.deepEqual((await server.call('GET', `permissions/?resource=${zoo}`)).json, [])
  })

  it('shows what a role gives with its members', async () => {
    const server = new PulpServer()
    await server.call('POST', 'roles/', { role_id: 'keepers' })
    await server.call('POST', 'roles/keepers/users/', { login: 'guest' })
    const grant = { role_id: 'keepers', resource: zoo, operations: ['READ', 'DELETE'] }
    assert.equal((await act(server, 'grant_to_role', grant)).text, 'null')
    const users = async () => (await server.call('GET', `permissions/?resource=${zoo}`)).json[0]?.users
    assert.deepEqual(await users(), { guest: ['READ', 'DELETE'] })
    assert.equal((await act(server, 'revoke_from_role', { ...grant, operations: ['DELETE'] })).text, 'null')
    assert.deepEqual(await users(), { guest: ['READ'] })
    await server.call('DELETE', 'roles/keepers/')
    assert.equal(await users(), undefined)
  })

  it('takes a resource as other calls print it', async () => {
    const server = new PulpServer()
    for (const resource of ['/pulp/api/v2/repositories/zoo/', 'v2/repositories/zoo', zoo]) {
      await act(server, 'grant_to_user', { login: 'guest', resource, operations: ['READ'] })
    }
    assert.equal((await server.call('GET', 'permissions/')).json.length, 2)
    assert.equal((await server.call('GET', 'permissions/?resource=/pulp/api/v2/repositories/zoo/')).json.length, 1)
  })

  it('answers what clients get wrong', async () => {
    const server = new PulpServer()
    const right = { resource: zoo, operations: ['READ'] }
    for (const [who, actions] of [
      [{ login: 'guest' }, ['grant_to_user', 'revoke_from_user']],
      [{ role_id: 'super-users' }, ['grant_to_role', 'revoke_from_role']],
    ] as const) {
      const [name = ''] = Object.keys(who)
      const cases: readonly [body: unknown, code: string, names?: readonly string[]][] = [
        [{}, 'PLP0015', [name, 'resource', 'operation_names']],
        [{ ...who, resource: zoo, operations: null }, 'PLP0015', ['operation_names']],
        [{ ...who, ...right, operations: ['READ', 'WRITE'] }, 'PLP0015', ['operation_names']],
        [{ ...who, ...right, operations: 'READ' }, 'PLP0015', ['operation_names']],
        [{ ...who, ...right, resource: '' }, 'PLP0015', ['resource']],
        [{ ...who, ...right, resource: 'x'.repeat(601) }, 'PLP0015', ['resource']],
        [{ ...right, [name]: 'nobody' }, 'PLP0015', [name]],
      ]
      for (const action of actions) {
        for (const [body, code, names] of cases) {
          const { status, json } = await act(server, action, body)
          const say = `${action} ${JSON.stringify(body)}`
          assert.deepEqual([status, json.error.code, json.error.data.property_names], [400, code, names], say)
        }
      }
    }
    for (const action of ['grant_to_role', 'revoke_from_role']) {
      const { status, json } = await act(server, action, { ...right, role_id: 'super-users' })
      assert.deepEqual([status, json.error.code], [400, 'PLP0000'])
    }
    assert.deepEqual((await server.call('GET', 'permissions/')).json.length, 1)
  })
})
