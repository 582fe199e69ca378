import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpFoundUser, PulpNewUser, PulpUser } from '../../wire/pulp/user.ts'

const secret = 'correct horse'

async function withAnn(): Promise<PulpServer> {
  const server = new PulpServer()
  await server.call('POST', 'users/', { login: 'ann', password: secret, name: 'Ann' })
  return server
}

describe('/users/', () => {
  it('makes a user, whose name is the login unless it is given', async () => {
    const server = new PulpServer()
    const made = await server.call('POST', 'users/', { login: 'ann', password: secret })
    assert.deepEqual([made.status, made.reason], [201, 'CREATED'])
    assert.equal(made.headers['location'], '/pulp/api/v2/users/ann/')
    assert.equal(Value.Check(PulpNewUser, made.json), true)
    assert.deepEqual([made.json.name, made.json.roles, made.json.id], ['ann', [], made.json._id.$oid])
    const { id, ...shown } = made.json
    assert.deepEqual((await server.call('GET', 'users/ann/')).json, shown)
    assert.equal((await server.call('POST', 'users/', { login: 'bob', name: null, password: null })).json.name, 'bob')
    const list = await server.call('GET', 'users/')
    assert.deepEqual(
      list.json.map((user: PulpUser) => user.login),
      ['admin', 'ann', 'bob', 'guest'],
    )
    assert.ok(list.json.every((user: unknown) => Value.Check(PulpUser, user)))
  })

  it('lets the new user see to its own account, and the creator to all of it', async () => {
    const server = await withAnn()
    const { json } = await server.call('GET', 'permissions/')
    const users = Object.fromEntries(json.map((one: { resource: string; users: unknown }) => [one.resource, one.users]))
    const own = ['READ', 'UPDATE']
    const all = ['CREATE', 'READ', 'UPDATE', 'DELETE', 'EXECUTE']
    assert.deepEqual(users, {
      '/': { admin: all },
      '/v2/actions/login/': { ann: own },
      '/v2/actions/logout/': { ann: own },
      '/v2/users/ann/': { admin: all, ann: own },
    })
    const asAnn = { authorization: 'ann' }
    assert.equal((await server.call('GET', 'users/ann/', undefined, asAnn)).status, 200)
    assert.equal((await server.call('PUT', 'users/ann/', { delta: { name: 'A' } }, asAnn)).json.name, 'A')
    assert.equal((await server.call('GET', 'users/admin/', undefined, asAnn)).status, 401)
    await server.call('DELETE', 'users/ann/')
    assert.equal((await server.call('GET', 'permissions/')).json.length, 1)
  })

  it('never shows a password', async () => {
    const server = await withAnn()
    const calls = [
      await server.call('GET', 'users/'),
      await server.call('GET', 'users/ann/'),
      await server.call('PUT', 'users/ann/', { delta: { password: secret } }),
      await server.call('POST', 'users/', { login: 'ann', password: secret }),
      await server.call('POST', 'users/', { login: 'a b', password: secret }),
      await server.call('POST', 'users/search/', { criteria: { filters: { password: { $exists: true } } } }),
      await server.call('POST', 'users/search/', { criteria: { fields: ['login', 'password'] } }),
    ]
    const hash = (await server.access.users.find('ann'))?.passwordHash ?? ''
    assert.match(hash, /^scrypt\$/)
    for (const { text } of calls) assert.ok(!text.includes(secret) && !text.includes(hash) && !text.includes('scrypt'))
  })

  it('answers what clients get wrong', async () => {
    const server = await withAnn()
    const cases: readonly [
      method: 'POST' | 'PUT',
      path: string,
      body: unknown,
      status: number,
      code: string,
      names: unknown,
    ][] = [
      ['POST', 'users/', {}, 400, 'PLP0016', ['login']],
      ['POST', 'users/', { login: null }, 400, 'PLP0016', ['login']],
      ['POST', 'users/', { login: 'a b' }, 400, 'PLP0015', ['login']],
      ['POST', 'users/', { login: 'x', name: 1, password: '' }, 400, 'PLP0015', ['password', 'name']],
      ['POST', 'users/', { login: 'x', roles: [], key: 1 }, 400, 'PLP0015', ['roles', 'key']],
      ['POST', 'users/', { login: 'ann' }, 409, 'PLP0018', undefined],
      ['POST', 'users/', [], 400, 'PLP1015', undefined],
      ['POST', 'users/', '', 400, 'PLP1009', undefined],
      ['PUT', 'users/ann/', {}, 400, 'PLP0016', ['delta']],
      ['PUT', 'users/ann/', { delta: { login: 'b' } }, 400, 'PLP0015', ['login']],
      [
        'PUT',
        'users/ann/',
        { delta: { name: null, password: null, roles: null } },
        400,
        'PLP0015',
        ['name', 'password', 'roles'],
      ],
      ['PUT', 'users/ann/', { delta: { roles: ['none'] } }, 400, 'PLP0015', ['roles']],
      ['PUT', 'users/nobody/', { delta: { name: 'x' } }, 404, 'PLP0009', undefined],
      ['PUT', 'users/admin/', { delta: { roles: [] } }, 400, 'PLP0000', undefined],
    ]
    for (const [method, path, body, status, code, names] of cases) {
      const { status: given, json } = await server.call(method, path, body)
      assert.deepEqual(
        [given, json.error.code, json.error.data.property_names],
        [status, code, names],
        JSON.stringify(body),
      )
    }
    assert.equal((await server.call('POST', 'users/', { login: 'ann' })).json.resource_id, 'ann')
    assert.deepEqual((await server.call('GET', 'users/nobody/')).json.resources, { login: 'nobody' })
  })

  it('deletes a user, but neither one that is not there nor the last super-user', async () => {
    const server = await withAnn()
    const gone = await server.call('DELETE', 'users/ann/')
    assert.deepEqual([gone.status, gone.text], [200, 'null'])
    assert.deepEqual((await server.call('DELETE', 'users/ann/')).json.resources, { login: 'ann' })
    const last = await server.call('DELETE', 'users/admin/')
    assert.deepEqual([last.status, last.json.error.code], [400, 'PLP0000'])
    assert.match(last.json.args[0], /admin is the last member of super-users/)
  })

  it('replaces all roles of a user', async () => {
    const server = await withAnn()
    for (const role_id of ['r', 's']) await server.call('POST', 'roles/', { role_id })
    const rolesAfter = async (roles: string[]) =>
      (await server.call('PUT', 'users/ann/', { delta: { roles } })).json.roles
    assert.deepEqual(await rolesAfter(['r', 'r']), ['r'])
    assert.deepEqual(await rolesAfter(['s', 'super-users']), ['s', 'super-users'])
    assert.deepEqual(await rolesAfter([]), [])
  })

  it('lets nobody give roles to themselves who may not change the members of these roles', async () => {
    const server = await withAnn()
    await server.call('POST', 'roles/', { role_id: 'r' })
    const put = (roles: string[]) => server.call('PUT', 'users/ann/', { delta: { roles } }, { authorization: 'ann' })
    for (const role of ['super-users', 'r']) {
      const answer = await put([role])
      assert.deepEqual([answer.status, answer.json.error.code], [401, 'PLP0026'])
    }
    assert.deepEqual((await server.call('GET', 'users/ann/')).json.roles, [])
    await server.access.grants.give({ login: 'ann', resource: '/v2/roles/r/users/', operations: ['update'] })
    assert.deepEqual((await put(['r'])).json.roles, ['r'])
    assert.equal((await put(['r'])).status, 200)
    assert.equal((await put([])).status, 401)
    await server.access.grants.give({ login: 'ann', resource: '/v2/roles/r/users/ann/', operations: ['delete'] })
    assert.deepEqual((await put([])).json.roles, [])
  })
})

describe('/users/search/', () => {
  it('finds users by what is printed of them', async () => {
    const server = await withAnn()
    const { json: ann } = await server.call('GET', 'users/ann/')
    for (const filters of [{ login: 'ann' }, { name: 'Ann', roles: [] }, { login: { $in: ['ann', 'x'] } }]) {
      assert.deepEqual((await server.call('POST', 'users/search/', { criteria: { filters } })).json, [ann])
      const query = `filters=${encodeURIComponent(JSON.stringify(filters))}`
      assert.deepEqual((await server.call('GET', `users/search/?${query}`)).json, [ann])
    }
    assert.deepEqual(
      (await server.call('POST', 'users/search/', { criteria: { filters: { roles: 'none' } } })).json,
      [],
    )
  })

  it('prints the fields that were asked for, beside those that are always there', async () => {
    const server = await withAnn()
    const criteria = { filters: { login: 'ann' }, fields: ['roles'] }
    const { json } = await server.call('POST', 'users/search/', { criteria })
    assert.deepEqual(Object.keys(json[0]).toSorted(), ['_href', '_id', 'login', 'roles'])
    assert.equal(Value.Check(PulpFoundUser, json[0]), true)
    for (const wrong of [{ fields: ['password'] }, { sort: [['password', 1]] }]) {
      assert.equal((await server.call('POST', 'users/search/', { criteria: wrong })).status, 400)
    }
    assert.deepEqual((await server.call('POST', 'users/search/', {})).json.error.code, 'PLP0016')
  })
})
