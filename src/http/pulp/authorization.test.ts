import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { levelsOf, type Permission, permissions } from '../../core/permission.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import type { Route } from '../kit/route.ts'
import { pulpRoutes } from './pulp-api.ts'
import { toResource } from './resource.ts'

const routes = pulpRoutes(new PulpServer().services)
const closed = routes.filter(({ permission }) => permission !== 'public')

const pathOf = ({ path }: Route) => path.replaceAll(/:\w+/g, 'x')
const titleOf = ({ method, path }: Route) => `${method} ${path}`

function wantedOf({ permission }: Route): readonly Permission[] {
  if (permission === 'public') return []
  return typeof permission === 'string' ? [permission] : permission
}

/** Answers to `guest`, who has these permissions and no other. */
async function callWith(server: PulpServer, route: Route, operations: readonly Permission[], resource: string) {
  await server.access.grants.give({ login: 'guest', resource, operations })
  const answer = await server.call(route.method, pathOf(route), undefined, { authorization: 'guest' })
  await server.access.grants.take({ login: 'guest', resource, operations })
  return answer
}

describe('Authorization', () => {
  it('is asked for by every route, in words that Pulp has', () => {
    assert.ok(routes.length > 30)
    for (const route of closed) {
      assert.ok(wantedOf(route).length > 0, titleOf(route))
      for (const one of wantedOf(route)) assert.ok(permissions.includes(one), titleOf(route))
    }
  })

  it('is refused on every route to a user without permissions, before anything is looked at', async () => {
    const server = new PulpServer()
    for (const route of closed) {
      const answer = await server.call(route.method, pathOf(route), '{', { authorization: 'guest' })
      assert.deepEqual([answer.status, answer.json.error.code], [401, 'PLP0026'], titleOf(route))
      assert.equal(answer.json.auth_error_code, 'permission_denied')
      const operation = wantedOf(route).join(' or ').toUpperCase()
      assert.deepEqual(answer.json.error.data, { user: 'guest', operation })
    }
  })

  it('of every route needs its own permission: no other will do, it alone will', async () => {
    const server = new PulpServer()
    for (const route of closed) {
      const wanted = wantedOf(route)
      const others = permissions.filter((one) => !wanted.includes(one))
      assert.equal((await callWith(server, route, others, '/')).status, 401, titleOf(route))
      for (const one of wanted) {
        const answer = await callWith(server, route, [one], toResource(pathOf(route)))
        assert.notEqual(answer.status, 401, titleOf(route))
      }
    }
  })

  it('comes from every level above a path, and from nothing beside or below it', async () => {
    const server = new PulpServer()
    for (const route of closed) {
      const resource = toResource(pathOf(route))
      const wanted = wantedOf(route)
      for (const level of levelsOf(resource))
        assert.notEqual((await callWith(server, route, wanted, level)).status, 401, level)
      for (const other of [`${resource}x/`, `${resource.slice(0, -1)}y/`, resource.slice(0, -1), '/v3/']) {
        assert.equal((await callWith(server, route, wanted, other)).status, 401, `${titleOf(route)} by ${other}`)
      }
    }
  })

  it('lets exactly the permission of a call do what the call does', async () => {
    const cases: readonly [
      method: Route['method'],
      path: string,
      permission: Permission,
      body: unknown,
      status: number,
    ][] = [
      ['GET', 'repositories/zoo/', 'read', undefined, 200],
      ['POST', 'repositories/', 'create', { id: 'farm' }, 201],
      ['PUT', 'repositories/zoo/', 'update', { delta: { description: 'x' } }, 200],
      ['DELETE', 'repositories/zoo/', 'delete', undefined, 202],
      ['POST', 'repositories/zoo/actions/sync/', 'execute', undefined, 202],
      ['GET', 'tasks/', 'read', undefined, 200],
      ['POST', 'users/search/', 'read', { criteria: {} }, 200],
      ['POST', 'users/', 'create', { login: 'ann' }, 201],
      ['PUT', 'users/admin/', 'update', { delta: { name: 'x' } }, 200],
      ['DELETE', 'users/guest/', 'delete', undefined, 200],
      ['POST', 'roles/keepers/users/', 'update', { login: 'guest' }, 200],
      ['DELETE', 'roles/keepers/users/guest/', 'delete', undefined, 200],
      [
        'POST',
        'permissions/actions/grant_to_user/',
        'execute',
        { login: 'guest', resource: '/v2/', operations: ['READ'] },
        200,
      ],
    ]
    for (const [method, path, permission, body, status] of cases) {
      for (const [operations, expected] of [
        [permissions.filter((one) => one !== permission), 401],
        [[permission], status],
      ] as const) {
        const server = new PulpServer()
        await server.call('POST', 'repositories/', { id: 'zoo', importer_type_id: 'stub_importer' })
        await server.call('POST', 'roles/', { role_id: 'keepers' })
        await server.access.grants.give({ login: 'guest', resource: toResource(`/v2/${path}`), operations })
        const answer = await server.call(method, path, body, { authorization: 'guest' })
        assert.equal(answer.status, expected, `${method} ${path} ${answer.text}`)
        await server.app.close()
      }
    }
  })

  it('holds for HEAD as for GET, and for a path in any spelling', async () => {
    const server = new PulpServer()
    await server.access.grants.give({ login: 'guest', resource: '/v2/repositories/zoo/', operations: ['read'] })
    await server.call('POST', 'repositories/', { id: 'zoo' })
    const statusOf = async (method: 'GET' | 'HEAD', path: string) =>
      (await server.call(method, path, undefined, { authorization: 'guest' })).status
    assert.equal(await statusOf('HEAD', 'repositories/zoo/'), 200)
    assert.equal(await statusOf('GET', '/pulp//api/v2/repositories//z%6Fo//'), 200)
    assert.equal(await statusOf('HEAD', 'repositories/'), 401)
    assert.equal(await statusOf('GET', 'repositories/zoo%2F../'), 401)
    assert.equal(await statusOf('GET', 'repositories/#/v2/repositories/zoo/'), 401)
  })

  it('is gone with the next call once it was revoked', async () => {
    const server = new PulpServer()
    const grant = { login: 'guest', resource: '/v2/tasks/', operations: ['READ'] }
    const mayRead = async () => (await server.call('GET', 'tasks/', undefined, { authorization: 'guest' })).status
    await server.call('POST', 'permissions/actions/grant_to_user/', grant)
    assert.equal(await mayRead(), 200)
    await server.call('POST', 'permissions/actions/revoke_from_user/', grant)
    assert.equal(await mayRead(), 401)
  })
})
