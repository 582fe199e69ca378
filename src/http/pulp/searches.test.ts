import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpTaskReport } from '../../wire/pulp/task-report.ts'

async function serverWithRepositories() {
  const server = new PulpServer()
  const importer = { type: 'stub_importer', config: {} }
  const distributor = { id: 'web', type: 'stub_distributor', config: { relative_url: 'a' }, autoPublish: true }
  for (const [id, type] of [
    ['a', 'rpm-repo'],
    ['b', 'rpm-repo'],
    ['c', 'iso-repo'],
  ] as const) {
    const repository = { id, displayName: null, description: null, notes: { '_repo-type': type } }
    await server.repositories.create(repository, importer, id === 'a' ? [distributor] : [])
  }
  return server
}

const ids = (list: { id: string }[]) => list.map(({ id }) => id)

describe('A search for repositories', () => {
  it('filters, sorts, skips and limits, by POST and by GET', async () => {
    const server = await serverWithRepositories()
    const filters = { 'notes._repo-type': 'rpm-repo' }
    const body = { criteria: { filters, sort: [['id', 'descending']] }, ignored: true }
    const posted = await server.call('POST', 'repositories/search/', body)
    assert.deepEqual([posted.status, ids(posted.json)], [200, ['b', 'a']])
    const query = new URLSearchParams({ filters: JSON.stringify(filters), sort: '[["id", -1]]', limit: '1', skip: '1' })
    const got = await server.call('GET', `repositories/search/?${query}`)
    assert.deepEqual([got.status, ids(got.json)], [200, ['a']])
  })

  it('finds everything with empty criteria, and says so with an array when there is nothing', async () => {
    const server = await serverWithRepositories()
    const nothing = { filters: null, sort: null, limit: null, skip: null, fields: null }
    for (const criteria of [{}, nothing]) {
      assert.equal((await server.call('POST', 'repositories/search/', { criteria })).json.length, 3)
    }
    assert.equal((await server.call('GET', 'repositories/search/')).json.length, 3)
    assert.equal((await server.call('POST', 'repositories/search/', { criteria: { filters: { id: 'x' } } })).text, '[]')
  })

  it('brings importers and distributors along when asked', async () => {
    const server = await serverWithRepositories()
    const criteria = { filters: { id: { $in: ['a', 'b'] } } }
    const { json } = await server.call('POST', 'repositories/search/', { criteria, details: true })
    assert.deepEqual([json[0].importers.length, json[0].distributors[0].id, json[1].distributors], [1, 'web', []])
    const got = await server.call('GET', 'repositories/search/?importers=True&field=id&limit=1')
    assert.deepEqual(Object.keys(got.json[0]).toSorted(), ['_href', '_id', 'id', 'importers'])
  })

  it('prints the members that are asked for and those that are always there', async () => {
    const server = await serverWithRepositories()
    const { json } = await server.call('GET', 'repositories/search/?field=notes&field=description')
    assert.deepEqual(Object.keys(json[0]).toSorted(), ['_href', '_id', 'description', 'id', 'notes'])
  })

  it('finds nothing but does not mind an unknown field in filters', async () => {
    const server = await serverWithRepositories()
    const { json } = await server.call('POST', 'repositories/search/', { criteria: { filters: { nope: 1 } } })
    assert.deepEqual(json, [])
  })

  it('is refused without criteria', async () => {
    const server = new PulpServer()
    for (const body of [{}, { criteria: null }]) {
      const answer = await server.call('POST', 'repositories/search/', body)
      assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP0016'])
      assert.deepEqual(answer.json.missing_property_names, ['criteria'])
    }
    const list = await server.call('POST', 'repositories/search/', { criteria: [] })
    assert.deepEqual([list.status, list.json.property_names], [400, ['criteria']])
  })

  it('names every member of the criteria that is wrong', async () => {
    const server = new PulpServer()
    const cases: [criteria: object, names: string[]][] = [
      [{ filter: {}, other: 1 }, ['filter', 'other']],
      [{ filters: [] }, ['filters']],
      [{ filters: 'x', limit: 0, skip: -1 }, ['filters', 'limit', 'skip']],
      [{ limit: true }, ['limit']],
      [{ limit: 1.5 }, ['limit']],
      [{ limit: 'ten' }, ['limit']],
      [{ skip: false }, ['skip']],
      [{ sort: {} }, ['sort']],
      [{ sort: ['id'] }, ['sort']],
      [{ sort: [['id', 'up']] }, ['sort']],
      [{ sort: [['id']] }, ['sort']],
      [{ sort: [['nope', 1]] }, ['sort']],
      [{ sort: [['notes.x', 1]] }, ['sort']],
      [{ fields: 'id' }, ['fields']],
      [{ fields: [1] }, ['fields']],
      [{ fields: ['nope'] }, ['fields']],
      [{ fields: ['notes.x'] }, ['fields']],
      [{ filters: { _id: 1 } }, ['filters']],
      [{ filters: { $or: [{ _id: { $gt: { a: 1 } } }] } }, ['filters']],
    ]
    for (const [criteria, names] of cases) {
      const answer = await server.call('POST', 'repositories/search/', { criteria })
      assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP0015'], JSON.stringify(criteria))
      assert.deepEqual(answer.json.property_names, names, JSON.stringify(criteria))
    }
  })

  it('takes numbers as text and directions in every spelling', async () => {
    const server = await serverWithRepositories()
    for (const direction of ['descending', 'DESCENDING', -1, '-1']) {
      const criteria = { sort: [['id', direction]], limit: '2', skip: '1' }
      const { json } = await server.call('POST', 'repositories/search/', { criteria })
      assert.deepEqual(ids(json), ['b', 'a'])
    }
  })

  it('is refused by GET for what is not JSON and for parameters that there are not', async () => {
    const server = new PulpServer()
    const queries = {
      'filters={': 'filters',
      'sort=id': 'sort',
      'other=1': 'other',
      'fields=id': 'fields',
      'limit=x': 'limit',
    }
    for (const [query, name] of Object.entries(queries)) {
      const answer = await server.call('GET', `repositories/search/?${query}`)
      assert.deepEqual([answer.status, answer.json.property_names], [400, [name]], query)
    }
  })

  it('is refused like MongoDB would for an operator that there is not', async () => {
    const criteria = { filters: { id: { $near: 1 } } }
    const answer = await new PulpServer().call('POST', 'repositories/search/', { criteria })
    assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP0015'])
    assert.deepEqual(answer.json.property_names, ['criteria'])
    const [reason] = answer.json.error.sub_errors
    assert.deepEqual([reason.code, reason.data, reason.sub_errors], ['PLP0000', {}, []])
    assert.match(reason.description, /\$near/)
  })

  it('is the only thing at its path', async () => {
    const answer = await new PulpServer().call('PUT', 'repositories/search/', {})
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'POST, GET, HEAD, OPTIONS'])
  })
})

describe('A search for distributors', () => {
  it('looks through all repositories and keeps what says where it belongs', async () => {
    const server = await serverWithRepositories()
    const criteria = { filters: { 'config.relative_url': { $regex: '^a' } }, fields: ['config'] }
    const { json } = await server.call('POST', 'distributors/search/', { criteria })
    assert.equal(json.length, 1)
    const members = ['_href', '_id', 'config', 'distributor_type_id', 'id', 'repo_id']
    assert.deepEqual(Object.keys(json[0]).toSorted(), members)
    assert.equal((await server.call('GET', 'distributors/search/?details=true')).status, 400)
  })
})

describe('A search for tasks', () => {
  it('finds tasks by what is printed of them', async () => {
    const server = new PulpServer()
    const task = { operation: 'sync-repository', arguments: {}, tags: ['action:sync'], resources: [] }
    const [first] = await server.tasks.enqueue([task, task])
    server.tasks.alter(first?.id ?? '', { state: 'running' })
    const criteria = { filters: { tags: 'pulp:action:sync', state: { $in: ['running'] } } }
    const { json } = await server.call('POST', 'tasks/search/', { criteria })
    assert.equal(json.length, 1)
    assert.ok(Value.Check(PulpTaskReport, json[0]))
    assert.ok(!('queue' in json[0]))
  })

  it('keeps all members, with the defaults of those not asked for', async () => {
    const server = new PulpServer()
    const task = { operation: 'sync-repository', arguments: {}, tags: ['action:sync'], resources: [] }
    const [queued] = await server.tasks.enqueue([task])
    server.tasks.alter(queued?.id ?? '', { state: 'finished', result: { a: 1 } })
    const { json } = await server.call('GET', 'tasks/search/?field=task_type&field=unknown')
    assert.equal(Value.Check(PulpTaskReport, json[0]), true)
    const { task_type, state, tags, result, task_id } = json[0]
    assert.deepEqual([task_type, state, tags, result], ['pulp.server.managers.repo.sync.sync', 'waiting', [], null])
    assert.equal(task_id, queued?.id)
  })
})
