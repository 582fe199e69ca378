import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DeckleError } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { matchesFilter } from '../../testing/match-filter.ts'
import { fromPulpFilters } from './filters.ts'

function matches(filters: JsonObject, document: Json): boolean {
  return matchesFilter(fromPulpFilters(filters), document)
}

/** Filters with documents that they find and documents that they do not. */
const cases: [filters: JsonObject, found: Json[], others: Json[]][] = [
  [{}, [{}, { a: 1 }], []],
  [{ a: 1 }, [{ a: 1 }, { a: [0, 1] }], [{ a: '1' }, { a: 2 }, {}]],
  [{ a: 1, b: 2 }, [{ a: 1, b: 2 }], [{ a: 1 }, { b: 2 }]],
  [{ a: null }, [{ a: null }, {}, { a: [null] }], [{ a: 0 }, { a: [] }]],
  [{ roles: [] }, [{ roles: [] }, { roles: [[]] }], [{ roles: ['x'] }, {}]],
  [{ a: [1, 2] }, [{ a: [1, 2] }], [{ a: [2, 1] }, { a: [1, 2, 3] }]],
  [{ 'notes._repo-type': 'rpm-repo' }, [{ notes: { '_repo-type': 'rpm-repo' } }], [{ notes: {} }, {}]],
  [{ 'a.b': 1 }, [{ a: { b: 1 } }, { a: [{ b: 0 }, { b: 1 }] }], [{ a: [1] }]],
  [{ 'a.1': 'y' }, [{ a: ['x', 'y'] }, { a: { 1: 'y' } }], [{ a: ['y'] }]],
  [{ a: { $eq: 1 } }, [{ a: 1 }], [{ a: 2 }]],
  [{ a: { $ne: 1 } }, [{ a: 2 }, {}], [{ a: 1 }, { a: [1, 2] }]],
  [{ a: { $in: [1, null] } }, [{ a: 1 }, {}], [{ a: 2 }]],
  [{ a: { $nin: [1, 2] } }, [{ a: 3 }, {}], [{ a: 2 }]],
  [{ a: { $gt: 1, $lte: 3 } }, [{ a: 2 }, { a: 3 }], [{ a: 1 }, { a: 4 }, { a: '2' }]],
  [{ a: { $gte: '2016-01-01' } }, [{ a: '2016-01-01T00:00:00Z' }], [{ a: '2015' }, { a: 2016 }]],
  [{ a: { $lt: 'b' } }, [{ a: 'a' }], [{ a: 'b' }, { a: null }]],
  [{ a: { $regex: 'ele' } }, [{ a: 'an elephant' }], [{ a: 'Ele' }, { a: 1 }]],
  [{ a: { $regex: 'ele', $options: 'i' } }, [{ a: 'Ele' }], []],
  [{ a: { $options: 'i', $regex: 'ele' } }, [{ a: 'Ele' }], []],
  [{ a: { $not: 'ele' } }, [{ a: 'x' }, {}], [{ a: 'ele' }]],
  [{ a: { $not: { $gt: 1 } } }, [{ a: 1 }, {}], [{ a: 2 }]],
  [{ a: { $not: { $regex: 'x' } } }, [{ a: 'y' }], [{ a: 'x' }]],
  [{ a: { $exists: true } }, [{ a: null }], [{}]],
  [{ a: { $exists: 0 } }, [{}], [{ a: null }]],
  [{ a: { $all: [1, 2] } }, [{ a: [2, 3, 1] }], [{ a: [1] }, { a: 1 }]],
  [{ a: { $all: [] } }, [], [{ a: [] }, {}]],
  [{ a: { $size: 2 } }, [{ a: [1, 2] }], [{ a: [1] }, { a: 2 }]],
  [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, [{ a: [0, 2] }], [{ a: [0, 4] }, { a: 2 }]],
  [{ a: { $elemMatch: { b: 1, c: 2 } } }, [{ a: [{ b: 1, c: 2 }] }], [{ a: [{ b: 1 }, { c: 2 }] }]],
  [{ a: { $elemMatch: { $or: [{ b: 1 }, { c: 2 }] } } }, [{ a: [{ c: 2 }] }], [{ a: [{ d: 3 }] }]],
  [{ a: { $mod: [4, 0] } }, [{ a: 8 }], [{ a: 6 }, { a: '8' }]],
  [{ a: { $type: 2 } }, [{ a: 'x' }, { a: [1, 'x'] }], [{ a: 1 }]],
  [{ a: { $type: 'bool' } }, [{ a: false }], [{ a: 0 }]],
  [{ $and: [{ a: 1 }, { b: 2 }] }, [{ a: 1, b: 2 }], [{ a: 1 }]],
  [{ $or: [{ a: 1 }, { b: 2 }] }, [{ a: 1 }, { b: 2 }], [{}]],
  [{ $nor: [{ a: 1 }, { b: 2 }] }, [{}], [{ a: 1 }, { b: 2 }]],
  [{ $and: [{ name: { $regex: '^a' } }, { $or: [{ b: 1 }, { b: 2 }] }] }, [{ name: 'ab', b: 2 }], [{ name: 'ab' }]],
  [{ _id: { $oid: 'abc' } }, [{ _id: 'abc' }], [{ _id: { $oid: 'abc' } }]],
  [{ a: { b: 1 } }, [{ a: { b: 1 } }], [{ a: { b: 1, c: 2 } }]],
  [{ 'a.b': null }, [{}, { a: 1 }, { a: [{ b: 1 }, {}] }], [{ a: [] }, { a: [1] }, { a: [1, { b: 1 }] }]],
  [{ 'a.b': { $exists: false } }, [{ a: [] }, { a: [1] }, { a: [{}] }], [{ a: [{}, { b: null }] }]],
  [{ 'a.1': [2, 4] }, [{ a: [5, [2, 4]] }], [{ a: [[2, 4]] }]],
  [{ 'a.1': 2 }, [{ a: [5, 2] }, { a: [{ 1: [2] }] }], [{ a: [5, [2, 4]] }]],
  [{ 'a.1.b': 4 }, [{ a: [5, { b: 4 }] }, { a: [5, [{ b: 4 }]] }], [{ a: [{ b: 4 }] }]],
  [{ 'a.01': 2 }, [{ a: { '01': 2 } }], [{ a: [1, 2] }]],
  [{ a: { $elemMatch: { b: null } } }, [{ a: [{}] }, { a: [{ b: null }] }], [{ a: [1] }, { a: [] }, { a: [{ b: 1 }] }]],
  [{ a: { $elemMatch: { $gt: 1 } } }, [{ a: [2] }], [{ a: [[2]] }]],
  [{ a: { $elemMatch: { 0: 5 } } }, [{ a: [[5]] }], [{ a: [5] }]],
  [
    { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
    [{ a: [{ b: 1 }, { b: 2 }] }],
    [{ a: [{ b: 1 }] }],
  ],
  [{ a: { $type: ['string', 'null'] } }, [{ a: 'x' }, { a: null }], [{ a: 1 }, {}]],
  [{ a: { $gte: null } }, [{ a: null }, {}], [{ a: 0 }]],
  [{ a: { $gt: false } }, [{ a: true }], [{ a: 1 }, { a: false }]],
]

describe('A query document', () => {
  it('finds what MongoDB would find', () => {
    for (const [filters, found, others] of cases) {
      const text = JSON.stringify(filters)
      for (const one of found) assert.equal(matches(filters, one), true, `${text} finds ${JSON.stringify(one)}`)
      for (const one of others)
        assert.equal(matches(filters, one), false, `${text} does not find ${JSON.stringify(one)}`)
    }
  })

  it('compares dates in one form, whatever form they came in', () => {
    const test = { op: 'equals', value: { $date: '2016-04-29T16:28:08.000Z' } }
    for (const date of ['2016-04-29T16:28:08Z', '2016-04-29T18:28:08+02:00', 1461947288000]) {
      assert.deepEqual(fromPulpFilters({ a: { $date: date } }), { kind: 'field', path: ['a'], test })
    }
    assert.deepEqual(fromPulpFilters({ a: { $gt: { $date: '2016-04-29T16:28:08Z' } } }), {
      kind: 'field',
      path: ['a'],
      test: { ...test, op: 'compare', relation: '>' },
    })
  })

  it('is refused when it says what cannot be said', () => {
    const documents: JsonObject[] = [
      { $where: 'true' },
      { $and: {} },
      { $or: [] },
      { $nor: [1] },
      { a: { $near: 1 } },
      { a: { $gt: 1, b: 2 } },
      { a: { $in: 1 } },
      { a: { $in: [{ $regex: 'x' }] } },
      { a: { $regex: 1 } },
      { a: { $options: 'i' } },
      { a: { $not: 1 } },
      { a: { $not: {} } },
      { a: { $size: -1 } },
      { a: { $gt: { b: 1 } } },
      { a: { $lte: [1] } },
      { a: { $type: [] } },
      { a: { $all: [{ $gt: 1 }] } },
      { a: { $size: 1.5 } },
      { a: { $mod: [0, 1] } },
      { a: { $mod: [1] } },
      { a: { $elemMatch: 1 } },
      { a: { $type: 'decimal' } },
      { a: { $date: 'yesterday' } },
      { a: { $date: { toString: 1 } } },
      { a: { $type: { toString: 1 } } },
      { a: { $oid: 1 } },
      { a: { toString: 1, $gt: 1 } },
    ]
    for (const document of documents) assert.ok(isRefused(document), JSON.stringify(document))
  })

  it('is refused when it nests too deeply or has too many parts', () => {
    let deep: JsonObject = { a: 1 }
    for (let level = 0; level < 25; level += 1) deep = { $and: [deep] }
    assert.ok(isRefused(deep))
    let inner: JsonObject = { $gt: 1 }
    for (let level = 0; level < 25; level += 1) inner = { $not: inner }
    assert.ok(isRefused({ a: inner }))
    assert.ok(isRefused({ $or: Array.from({ length: 1001 }, () => ({ a: 1 })) }))
    assert.ok(isRefused({ ['a.'.repeat(30)]: 1 }))
    assert.ok(isRefused({ $or: Array.from({ length: 101 }, () => ({ ['a.'.repeat(9)]: 1 })) }))
    assert.ok(!isRefused({ a: { $in: Array.from({ length: 5000 }, (_, index) => String(index)) } }))
  })

  it('of any shape is read or refused', () => {
    const key = fc.constantFrom(
      'a',
      'a.b',
      '$and',
      '$or',
      '$gt',
      '$in',
      '$not',
      '$regex',
      '$elemMatch',
      '$date',
      '$all',
    )
    const document = fc.letrec<{ document: JsonObject; value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, 1, 'x', true),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('document'),
      ),
      document: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
    })).document
    fc.assert(
      fc.property(document, (filters) => {
        if (!isRefused(filters)) assert.equal(typeof matches(filters, { a: 1 }), 'boolean')
      }),
    )
  })
})

function isRefused(document: JsonObject): boolean {
  try {
    fromPulpFilters(document)
    return false
  } catch (error) {
    if (error instanceof DeckleError && error.details.code === 'bad-criteria') return true
    throw error
  }
}
