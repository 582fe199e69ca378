import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../../core/json.ts'
import { RancherServer } from '../../testing/rancher-server.ts'

const numRuns = process.env['DECKLE_TEST_LONG'] === '1' ? 2000 : 60

/** A row, as plain as it can be. */
interface Row {
  readonly name: string | null
  readonly description: string | null
  readonly state: 'active' | 'inactive'
}

const word = fc.constantFrom(null, '', 'a', 'b', 'ab', 'Ab', 'a_b', 'b%', 'é', 'x y&z')
const anyRow = fc.record<Row>({ name: word, description: word, state: fc.constantFrom('active', 'inactive') })
const condition = fc.tuple(
  fc.constantFrom('name', 'description', 'state', 'nonsense'),
  fc.constantFrom('', '_eq', '_ne', '_prefix', '_like', '_notlike', '_null', '_notnull', '_lt', '_bogus'),
  fc.constantFrom('', 'a', 'b', 'ab', 'a%', '_', '%b', 'active', 'é', 'x y&z', 'a\\'),
)

type Condition = readonly [field: string, modifier: string, value: string]

const textOnly = ['_prefix', '_like', '_notlike']

function holds(row: Row, [field, modifier, value]: Condition): boolean {
  const isText = field === 'name' || field === 'description'
  const known = isText || (field === 'state' && !textOnly.includes(modifier))
  if (!known || modifier === '_bogus' || modifier === '_lt') return true
  const cell = row[field as keyof Row]
  if (modifier === '_null' || modifier === '_notnull') return (cell === null) === (modifier === '_null')
  if (cell === null) return false
  if (modifier === '_prefix') return cell.startsWith(value)
  if (modifier === '_ne') return cell !== value
  if (modifier === '_like' || modifier === '_notlike') return like(cell, value) === (modifier === '_like')
  return cell === value
}

function like(text: string, pattern: string): boolean {
  const first = pattern[0]
  if (first === undefined) return text === ''
  if (first === '%') return like(text, pattern.slice(1)) || (text !== '' && like(text.slice(1), pattern))
  return text !== '' && (first === '_' || first === text[0]) && like(text.slice(1), pattern.slice(1))
}

/** Null comes after all; equal ones keep the order of their making, turned round with the rest. */
function inOrder(rows: readonly (Row & { key: number })[], field: keyof Row | 'id', descending: boolean) {
  const order = (one: string | null, other: string | null) =>
    one === other ? 0 : one === null || (other !== null && one > other) ? 1 : -1
  const sorted = rows.toSorted((a, b) => (field === 'id' ? 0 : order(a[field], b[field])) || a.key - b.key)
  return descending ? sorted.toReversed() : sorted
}

describe('A list', () => {
  it('is what a plain model of filters, order and pages says, whatever the rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { maxLength: 12 }),
        fc.array(condition, { maxLength: 3 }),
        fc.constantFrom('name', 'description', 'state', 'id'),
        fc.constantFrom('', 'asc', 'DESC', 'bogus'),
        fc.integer({ min: 1, max: 5 }),
        async (rows, conditions, sort, order, limit) => {
          await using server = await RancherServer.start()
          const made = []
          for (const row of rows) {
            made.push({ ...row, ...(await server.resources.create({ ...row, type: 'image', owner: 2, data: {} })) })
          }
          const wanted = made.filter((row) => conditions.every((one) => holds(row as Row, one)))
          const expected = inOrder(wanted as never, sort, order === 'DESC').map(({ key }) => `1i${key}`)
          const asked = conditions.map(([field, modifier, value]): [string, string] => [field + modifier, value])
          const query = new URLSearchParams([...asked, ['sort', sort], ['order', order], ['limit', String(limit)]])
          const pages = await allPages(server, `/v1/projects/1a2/images?${query}`)
          assert.deepEqual(pages.flat(), expected)
          assert.deepEqual(
            pages.slice(0, -1).map((page) => page.length),
            pages.slice(1).map(() => limit),
          )
          const reverse = (await server.get(`/v1/images?${query}`)).json['sort'] as JsonObject
          const reversed = await allPages(server, String(reverse['reverse']))
          assert.deepEqual(
            reversed.flat(),
            inOrder(wanted as never, sort, order !== 'DESC').map(({ key }) => `1i${key}`),
          )
        },
      ),
      { numRuns },
    )
  })
})

async function allPages(server: RancherServer, first: string): Promise<string[][]> {
  const pages: string[][] = []
  for (let url: string | null = first; url !== null; ) {
    const { json } = await server.get(url)
    pages.push((json['data'] as JsonObject[]).map((one) => String(one['id'])))
    const pagination = json['pagination'] as JsonObject
    assert.equal(pagination['partial'], pagination['next'] !== null)
    url = pagination['next'] as string | null
  }
  return pages
}

describe('A page', () => {
  let server: RancherServer
  before(async () => {
    server = await RancherServer.start()
    for (let index = 0; index < 1005; index++) {
      await server.resources.create({ type: 'image', owner: 2, state: 'active', data: {} })
    }
  })
  after(() => server.close())

  const limits: readonly (readonly [string, number])[] = [
    ...([
      ['', 100],
      ['limit=3', 3],
      ['limit=1000', 1000],
      ['limit=1001', 1000],
      ['limit=0', 1000],
    ] as const),
    ...([
      ['limit=-5', 1000],
      ['limit=x', 100],
      ['limit=1.5', 100],
      ['limit=', 100],
    ] as const),
    ...([
      ['limit=99999999999999999999', 1000],
      ['limit=3&marker=1002', 3],
    ] as const),
  ]
  for (const [query, limit] of limits) {
    it(`has ${limit} for ?${query}`, async () => {
      const { json } = await server.get(`/v1/images?${query}`)
      const pagination = json['pagination'] as JsonObject
      assert.deepEqual([pagination['limit'], (json['data'] as unknown[]).length], [limit, limit])
      const rest = { first: null, previous: null, total: null, partial: true }
      assert.deepEqual({ ...pagination, limit: 0, next: '' }, { ...rest, limit: 0, next: '' })
    })
  }

  it('begins where its marker says, and leads on with the rest of the query', async () => {
    const { json } = await server.get('/v1/images?limit=2&marker=m1000&state=active&sort=created')
    const next = `${server.origin}/v1/images?limit=2&state=active&sort=created&marker=m1002`
    assert.equal((json['pagination'] as JsonObject)['next'], next)
    assert.deepEqual(
      (json['data'] as JsonObject[]).map((one) => one['id']),
      ['1i1003', '1i1004'],
    )
    const beyond = await server.get('/v1/images?marker=m999999999999999')
    assert.deepEqual([beyond.status, beyond.json['data']], [200, []])
  })

  it('tells how to sort and what was filtered (rancher-api §1.10)', async () => {
    const { json } = await server.get(
      '/v1/images?state_ne=active&name_null=x&name=a&nope=1&sort=name&order=desc&limit=5&marker=m2',
    )
    const base = `${server.origin}/v1/images?state_ne=active&name_null=x&name=a&nope=1&limit=5`
    assert.equal((json['sortLinks'] as JsonObject)['created'], `${base}&marker=m2&sort=created`)
    assert.deepEqual(json['sort'], { name: 'name', order: 'desc', reverse: `${base}&sort=name&order=asc` })
    const filters = json['filters'] as JsonObject
    assert.deepEqual(filters['state'], [{ value: 'active', modifier: 'ne' }])
    assert.deepEqual(filters['name'], [
      { value: null, modifier: 'null' },
      { value: 'a', modifier: 'eq' },
    ])
    assert.equal(filters['created'], null)
    assert.ok(!('nope' in filters))
    assert.equal((await server.get('/v1/images?sort=labels')).json['sort'], null)
    assert.deepEqual(json['links'], { self: `${server.origin}/v1/images` })
  })

  it('understands ids, references, dates and kinds', async () => {
    const count = async (query: string) => ((await server.get(`/v1/images?limit=2&${query}`)).json['data'] as []).length
    const { created } = await server.resources.get(['image'], 3)
    const second = `${created.toISOString().slice(0, 19)}Z`
    const found = [
      'id=1i5',
      'id=5',
      'id=1zz5',
      'id_lte=1i3',
      `created=${second}&id=1i3`,
      `created=${created.getTime()}&id=3`,
    ]
    for (const query of found) assert.equal(await count(query), 1, query)
    const none = ['id=x', 'accountId=2', 'accountId=x', `created_lt=${second}&id=1i3`, `created_gt=${second}&id=1i3`]
    for (const query of [...none, 'kind=host', 'kind_null', 'kind_notlike=_ma%', 'url=x', 'isPublic=true'])
      assert.equal(await count(query), 0, query)
    const all = [
      'accountId=1a2',
      'accountId_ne=x',
      `created_lte=${second}&id_lte=1i4`,
      'kind=image',
      'kind_like=_ma%',
      'url_null=',
    ]
    for (const query of [...all, 'format=docker', 'created_lte=now']) assert.equal(await count(query), 2, query)
  })
})
