import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Plugins } from '../../core/plugin.ts'
import type { UnitView } from '../../core/unit-reader.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { stubPlugin } from '../../testing/stub-plugin.ts'

const [stub] = stubPlugin.contentTypes
if (stub === undefined) throw new Error('the stub plugin has no type')

/** With a field that is computed from a document. */
const plugins = new Plugins([
  {
    ...stubPlugin,
    contentTypes: [
      {
        ...stub,
        documents: ['text'],
        derivedFields: {
          words: ({ text }) =>
            Buffer.from(text ?? 'not read')
              .toString()
              .split(' '),
        },
      },
    ],
  },
])

const id = (digit: number) => `6f1ed002-ab55-8d6c-b5d4-d1c3c0e3a5b${digit}`

function aUnit(digit: number, name: string): UnitView {
  return {
    id: digit,
    type: 'stub',
    wireId: id(digit),
    metadata: { name, version: '1', size: 10 - digit, _id: 'not this' },
    updated: new Date('2016-04-29T16:27:18.9Z'),
    userMetadata: {},
    storage: { downloaded: digit === 1, path: `content/units/stub/${name}` },
    documents: { text: Buffer.from(`the ${name}`) },
  }
}

function serverWithUnits(): PulpServer {
  const server = new PulpServer({ services: { plugins } })
  const [lion, ant] = [aUnit(1, 'lion'), aUnit(2, 'ant')]
  server.units.units.push(lion, ant)
  server.units.repositories.set('zoo', [{ unit: lion, created: lion.updated, updated: lion.updated }])
  return server
}

const href = `/pulp/api/v2/content/units/stub/${id(1)}/`
const lion = {
  name: 'lion',
  version: '1',
  size: 9,
  words: ['the', 'lion'],
  _id: id(1),
  _content_type_id: 'stub',
  _storage_path: 'content/units/stub/lion',
  downloaded: true,
  pulp_user_metadata: {},
  _last_updated: '2016-04-29T16:27:18Z',
  children: {},
}
const names = (found: { name: string }[]) => found.map(({ name }) => name)

describe('/content/units/', () => {
  it('lists the units of a type, and none of a type that there is not', async () => {
    const server = serverWithUnits()
    const { json } = await server.call('GET', 'content/units/stub/')
    assert.deepEqual([json.length, json[0]], [2, { ...lion, _href: href }])
    const other = await server.call('GET', 'content/units/other/')
    assert.deepEqual([other.status, other.text], [200, '[]'])
  })

  it('shows a unit, without a link to itself', async () => {
    const { status, json } = await serverWithUnits().call('GET', href)
    assert.deepEqual([status, json], [200, lion])
  })

  it('says in a text that there is no such unit', async () => {
    const server = serverWithUnits()
    for (const target of [`content/units/stub/${id(3)}/`, `content/units/other/${id(1)}/`, 'content/units/stub/x/']) {
      const shown = await server.call('GET', target)
      assert.deepEqual([shown.status, typeof shown.json], [404, 'string'])
      for (const method of ['GET', 'PUT'] as const) {
        const answer = await server.call(method, `${target}pulp_user_metadata/`, method === 'PUT' ? {} : undefined)
        assert.deepEqual([answer.status, typeof answer.json], [404, 'string'])
      }
    }
  })

  it('finds units by criteria, by POST and by GET', async () => {
    const server = serverWithUnits()
    const search = 'content/units/stub/search/'
    const criteria = { filters: { size: { $gt: 7 } }, sort: [['size', 1]], limit: 1, skip: 1 }
    assert.deepEqual(names((await server.call('POST', search, { criteria })).json), ['lion'])
    const query = new URLSearchParams({ filters: '{"name": {"$in": ["ant"]}}', sort: '[["name", "descending"]]' })
    assert.deepEqual(names((await server.call('GET', `${search}?${query}`)).json), ['ant'])
    assert.equal((await server.call('POST', search, { criteria: {} })).json.length, 2)
    assert.equal((await server.call('POST', 'content/units/other/search/', { criteria: {} })).text, '[]')
  })

  it('prints the fields that are asked for and those that are always there', async () => {
    const server = serverWithUnits()
    const criteria = { filters: { _id: id(1) }, fields: ['name', 'words.x'] }
    const { json } = await server.call('POST', 'content/units/stub/search/', { criteria, include_repos: true })
    const always = { _id: id(1), _content_type_id: 'stub', _href: href, children: {} }
    assert.deepEqual(json, [{ ...always, repository_memberships: ['zoo'], name: 'lion', words: [] }])
    const got = await server.call('GET', 'content/units/stub/search/?field=size&include_repos=True&limit=1')
    assert.deepEqual(got.json, [{ ...always, repository_memberships: ['zoo'], size: 9 }])
  })

  it('reads no documents for fields that nobody asked for', async () => {
    const server = serverWithUnits()
    const asked: unknown[] = []
    const search = server.units.search.bind(server.units)
    server.units.search = (type, criteria, parts) => {
      asked.push(parts.documents)
      return search(type, criteria, parts)
    }
    await server.call('GET', 'content/units/stub/search/?field=name')
    await server.call('GET', 'content/units/stub/search/?field=words')
    await server.call('GET', 'content/units/stub/search/')
    assert.deepEqual(asked, [[], ['text'], ['text']])
  })

  it('refuses criteria as other searches do', async () => {
    const server = serverWithUnits()
    const search = 'content/units/stub/search/'
    const cases: [body: object, code: string, name: string][] = [
      [{}, 'PLP0016', 'criteria'],
      [{ criteria: { filters: { name: { $near: 1 } } } }, 'PLP0015', 'criteria'],
      [{ criteria: { sort: Array.from({ length: 33 }, () => ['name', 1]) } }, 'PLP0015', 'criteria'],
      [{ criteria: { sort: [['a.'.repeat(20), 1]] } }, 'PLP0015', 'criteria'],
      [{ criteria: { type_ids: ['stub'] } }, 'PLP0015', 'type_ids'],
    ]
    for (const [body, code, name] of cases) {
      const { status, json } = await server.call('POST', search, body)
      const named = json.property_names ?? json.missing_property_names
      assert.deepEqual([status, json.error.code, named], [400, code, [name]], JSON.stringify(body))
    }
  })

  it('keeps what users write on a unit, any JSON value', async () => {
    const server = serverWithUnits()
    const target = `${href}pulp_user_metadata/`
    assert.equal((await server.call('GET', target)).text, '{}')
    for (const value of ['{"a": [1]}', '[1]', '"text"', 'null', '0']) {
      const put = await server.call('PUT', target, value)
      assert.deepEqual([put.status, put.text], [200, 'null'])
      assert.deepEqual((await server.call('GET', target)).json, JSON.parse(value))
    }
    assert.equal((await server.call('GET', href)).json.pulp_user_metadata, 0)
    for (const body of ['', '{', '{"a": "\\u0000"}']) {
      const put = await server.call('PUT', target, body)
      assert.deepEqual([put.status, put.json.error.code], [400, 'PLP1009'])
    }
  })
})
