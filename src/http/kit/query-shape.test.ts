import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError } from '../../core/errors.ts'
import { queryShape } from './query-shape.ts'

const query = queryShape<{ limit: number; sort: string }>({
  limit: {
    doc: 'How many.',
    schema: { type: 'integer' },
    read: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  },
  sort: { doc: 'How.', schema: { enum: ['up'] }, read: (text) => (text === 'up' ? text : undefined) },
})

describe('A query shape', () => {
  it('reads what is given and leaves out what is not', () => {
    assert.deepEqual(query.read(new URLSearchParams('limit=3&other=1')), { limit: 3 })
    assert.deepEqual(query.read(new URLSearchParams()), {})
  })

  it('names all parameters that are wrong', () => {
    assert.throws(
      () => query.read(new URLSearchParams('limit=&sort=x')),
      (error) => error instanceof DeckleError && error.details.fields?.join() === 'limit,sort',
    )
  })

  it('describes itself', () => {
    assert.deepEqual(query.parameters, {
      limit: { doc: 'How many.', schema: { type: 'integer' } },
      sort: { doc: 'How.', schema: { enum: ['up'] } },
    })
  })
})
