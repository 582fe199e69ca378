import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PulpServer } from '../../testing/pulp-server.ts'
import { pulpRoutes } from './pulp-api.ts'

/** The calls of the written API that are there so far, as it writes their paths. */
const written = [
  'POST /repositories/',
  'GET /repositories/',
  'GET /repositories/:repository/',
  'PUT /repositories/:repository/',
  'DELETE /repositories/:repository/',
  'POST /repositories/search/',
  'GET /repositories/search/',
  'POST /repositories/:repository/importers/',
  'GET /repositories/:repository/importers/',
  'GET /repositories/:repository/importers/:importer/',
  'PUT /repositories/:repository/importers/:importer/',
  'DELETE /repositories/:repository/importers/:importer/',
  'POST /repositories/:repository/distributors/',
  'GET /repositories/:repository/distributors/',
  'GET /repositories/:repository/distributors/:distributor/',
  'PUT /repositories/:repository/distributors/:distributor/',
  'DELETE /repositories/:repository/distributors/:distributor/',
  'POST /distributors/search/',
  'POST /repositories/:repository/actions/sync/',
  'POST /repositories/:repository/actions/publish/',
  'POST /repositories/:repository/actions/download/',
  'POST /repositories/:repository/importers/:importer/schedules/sync/',
  'GET /repositories/:repository/importers/:importer/schedules/sync/',
  'GET /repositories/:repository/importers/:importer/schedules/sync/:schedule/',
  'PUT /repositories/:repository/importers/:importer/schedules/sync/:schedule/',
  'DELETE /repositories/:repository/importers/:importer/schedules/sync/:schedule/',
  'POST /repositories/:repository/distributors/:distributor/schedules/publish/',
  'GET /repositories/:repository/distributors/:distributor/schedules/publish/',
  'GET /repositories/:repository/distributors/:distributor/schedules/publish/:schedule/',
  'PUT /repositories/:repository/distributors/:distributor/schedules/publish/:schedule/',
  'DELETE /repositories/:repository/distributors/:distributor/schedules/publish/:schedule/',
  'GET /repositories/:repository/history/sync/',
  'GET /repositories/:repository/history/publish/:distributor/',
  'GET /tasks/',
  'GET /tasks/:task/',
  'DELETE /tasks/:task/',
  'POST /tasks/search/',
  'GET /tasks/search/',
]

describe('The table of routes', () => {
  const routes = pulpRoutes(new PulpServer().services)
  const names = routes.map(({ method, path }) => `${method} ${path.replace('/pulp/api/v2', '')}`)

  it('has the calls of the written API', () => {
    assert.deepEqual(
      written.filter((name) => !names.includes(name)),
      [],
    )
  })

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
