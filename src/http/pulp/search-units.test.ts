import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UnitView } from '../../core/unit-reader.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { fromPulpAssociationCriteria } from './association-criteria.ts'

const id = (digit: number) => `6f1ed002-ab55-8d6c-b5d4-d1c3c0e3a5b${digit}`

function aUnit(digit: number, name: string, type = 'stub'): UnitView {
  const updated = new Date('2016-04-29T16:27:18.9Z')
  return { id: digit, type, wireId: id(digit), metadata: { name }, updated, userMetadata: {}, documents: {} }
}

/** The older a unit's name, the younger its association. */
function serverWithUnits(): PulpServer {
  const server = new PulpServer()
  const units = [aUnit(3, 'ant'), aUnit(1, 'bear', 'other'), aUnit(2, 'cat')]
  const held = units.map((unit, index) => {
    const created = new Date(`2016-01-0${3 - index}T00:00:00Z`)
    return { unit, created, updated: created }
  })
  server.units.repositories.set('zoo', held)
  return server
}

const path = 'repositories/zoo/search/units/'

async function find(server: PulpServer, criteria: object): Promise<string[]> {
  const { json } = await server.call('POST', path, { criteria })
  return json.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
}

describe('/repositories/<id>/search/units/', () => {
  it('shows units with what ties them to the repository', async () => {
    const { json } = await serverWithUnits().call('POST', path, { criteria: { filters: { unit: { name: 'ant' } } } })
    const [{ _id, ...found }] = json
    assert.match(_id.$oid, /^[0-9a-f]{24}$/)
    assert.deepEqual(found, {
      repo_id: 'zoo',
      unit_id: id(3),
      unit_type_id: 'stub',
      created: '2016-01-03T00:00:00Z',
      updated: '2016-01-03T00:00:00Z',
      metadata: {
        name: 'ant',
        _id: id(3),
        _content_type_id: 'stub',
        _ns: 'units_stub',
        _last_updated: 1461947238,
        pulp_user_metadata: {},
      },
    })
  })

  it('orders by type and id, by what is asked for within the types, and by association before that', async () => {
    const server = serverWithUnits()
    assert.deepEqual(await find(server, {}), ['bear', 'cat', 'ant'])
    const unit = [['name', 'ascending']]
    assert.deepEqual(await find(server, { sort: { unit } }), ['bear', 'ant', 'cat'])
    assert.deepEqual(await find(server, { sort: { unit, association: [['created', 1]] } }), ['cat', 'bear', 'ant'])
    assert.deepEqual(await find(server, { skip: 1, limit: '1' }), ['cat'])
  })

  it('filters by unit, by association and by type', async () => {
    const server = serverWithUnits()
    assert.deepEqual(await find(server, { filters: { unit: { name: { $regex: '^[ab]' } } } }), ['bear', 'ant'])
    const association = { created: { $gte: '2016-01-02T00:00:00Z' } }
    assert.deepEqual(await find(server, { filters: { unit: null, association } }), ['bear', 'ant'])
    assert.deepEqual(await find(server, { type_ids: 'other', remove_duplicates: true }), ['bear'])
    assert.deepEqual(await find(server, { type_ids: ['stub', 'none'] }), ['cat', 'ant'])
    assert.deepEqual(await find(server, { type_ids: [] }), [])
    assert.deepEqual(await find(server, { type_ids: null, filters: null, fields: null }), ['bear', 'cat', 'ant'])
  })

  it('prints the fields that are asked for and those that are always there', async () => {
    const fields = { unit: ['name'], association: ['created'] }
    const { json } = await serverWithUnits().call('POST', path, { criteria: { fields, limit: 1 } })
    assert.deepEqual(Object.keys(json[0]).toSorted(), ['_id', 'created', 'metadata', 'unit_id', 'unit_type_id'])
    assert.deepEqual(json[0].metadata, { name: 'bear', _id: id(1), _content_type_id: 'other' })
  })

  it('takes the criteria from the query too', async () => {
    const filters = JSON.stringify({ unit: { name: { $ne: 'ant' } } })
    const query = new URLSearchParams([
      ['type_ids', 'stub'],
      ['type_ids', 'other'],
      ['filters', filters],
      ['sort', '{"association": [["created", "descending"]]}'],
      ['fields', '{"unit": []}'],
      ['limit', '1'],
    ])
    const { json } = await serverWithUnits().call('GET', `${path}?${query}`)
    assert.deepEqual(
      json.map((one: { unit_id: string }) => one.unit_id),
      [id(1)],
    )
  })

  it('knows no other repositories', async () => {
    const { status, json } = await new PulpServer().call('POST', 'repositories/nope/search/units/', { criteria: {} })
    assert.deepEqual([status, json.resources], [404, { repository: 'nope' }])
  })

  it('names what is wrong with criteria', async () => {
    const server = serverWithUnits()
    const cases: [criteria: unknown, name: string][] = [
      [[], 'criteria'],
      [{ other: 1 }, 'other'],
      [{ filters: { name: 'ant' } }, 'name'],
      [{ filters: { unit: [] } }, 'unit'],
      [{ filters: [] }, 'filters'],
      [{ sort: [['name', 1]] }, 'sort'],
      [{ sort: { unit: [['name', 'up']] } }, 'unit'],
      [{ fields: ['name'] }, 'fields'],
      [{ fields: { unit: 'name' } }, 'unit'],
      [{ limit: 0 }, 'limit'],
      [{ skip: true }, 'skip'],
      [{ type_ids: [1] }, 'type_ids'],
      [{ filters: { unit: { name: { $near: 1 } } } }, 'criteria'],
    ]
    for (const [criteria, name] of cases) {
      const { status, json } = await server.call('POST', path, { criteria })
      assert.deepEqual([status, json.property_names], [400, [name]], JSON.stringify(criteria))
    }
    const none = await server.call('POST', path, {})
    assert.deepEqual([none.status, none.json.missing_property_names], [400, ['criteria']])
    for (const [query, name] of [
      ['filters={', 'filters'],
      ['other=1', 'other'],
      ['limit=x', 'limit'],
    ]) {
      const { status, json } = await server.call('GET', `${path}?${query}`)
      assert.deepEqual([status, json.property_names], [400, [name]], query)
    }
  })
})

describe('Criteria of an action on units', () => {
  it('mean all units when they are empty', () => {
    const { criteria } = fromPulpAssociationCriteria({})
    const everything = { kind: 'all', filters: [] }
    const sort = { unitSort: [], associationSort: [] }
    assert.deepEqual(criteria, { unit: everything, association: everything, ...sort, skip: 0 })
  })
})
