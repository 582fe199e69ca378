import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PulpServer } from '../../testing/pulp-server.ts'
import { pulpRoutes } from './pulp-api.ts'

describe('The table of routes', () => {
  const routes = pulpRoutes(new PulpServer().services)
  const names = routes.map(({ method, path }) => `${method} ${path.replace('/pulp/api/v2', '')}`)

  it('names each call once, with a path that ends in a slash and a sentence about it', () => {
    assert.equal(new Set(names).size, names.length)
    for (const { path, doc } of routes) {
      assert.match(path, /^\/pulp\/api\/v2\/.*\/$/)
      assert.match(doc, /^[A-Z].*\.$/)
    }
  })

  it('asks everybody who they are, but not for the status', () => {
    const open = routes.filter(({ permission }) => permission === 'public')
    assert.deepEqual(
      open.map(({ path }) => path),
      ['/pulp/api/v2/status/'],
    )
  })

  it('says what every call takes and answers', () => {
    for (const { method, path, body, shape, items, answers } of routes) {
      const name = `${method} ${path}`
      assert.equal(shape !== undefined, body === 'object' || body === 'optional', `${name}: shape`)
      assert.equal(items !== undefined, body === 'array', `${name}: items`)
      assert.ok(Object.keys(answers ?? {}).length > 0, `${name}: answers`)
    }
  })

  it('lets nobody in without credentials', async () => {
    const server = new PulpServer()
    const closed = routes.filter(({ permission }) => permission !== 'public')
    for (const { method, path } of closed) {
      const answer = await server.call(method, path.replaceAll(/:\w+/g, 'x'), undefined, { authorization: '' })
      assert.equal(answer.status, 401, `${method} ${path}`)
    }
  })
})
