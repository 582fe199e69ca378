import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { listOf, mapOf, nullable, object, oneOf, text, textLike, wholeNumber } from './body-fields.ts'
import { bodyShape, nested, optional, required } from './body-shape.ts'

const shape = bodyShape({
  id: required(textLike(/^[a-z]+$/), { name: 'thing_id', absence: 'invalid', doc: 'Its name.' }),
  title: optional(nullable(text)),
  parts: optional(listOf(text)),
  configs: optional(mapOf(object)),
  delta: optional(object, { typeName: 'dict' }),
  size: optional(wholeNumber(1, 9)),
  colour: optional(oneOf('red', 'blue')),
})

function failure(read: () => unknown) {
  try {
    read()
  } catch (error) {
    if (error instanceof DeckleError) return error.details
  }
  return assert.fail('nothing was refused')
}

describe('a body shape', () => {
  it('reads what has the right form and leaves out what is absent', () => {
    const body: JsonObject = {
      id: 'a',
      title: null,
      parts: ['x'],
      configs: { d: {} },
      size: 3,
      colour: 'red',
      other: 1,
    }
    const { other: _, ...known } = body
    assert.deepEqual(shape.read(body), known)
    assert.deepEqual(shape.read({ id: 'a', parts: null, size: null }), { id: 'a' })
  })

  it('names everything that is wrong at once, as the API calls it', () => {
    const wrong = { id: 'A', title: 1, parts: ['x', 2], configs: { d: 1 }, size: 10, colour: 'green' }
    assert.deepEqual(
      failure(() => shape.read(wrong)),
      {
        fields: ['thing_id', 'title', 'parts', 'configs', 'size', 'colour'],
        fault: 'invalid',
      },
    )
  })

  it('takes null for a wrong value where it says so, and describes that', () => {
    const one = bodyShape({ a: optional(text, { notNull: true }), b: optional(text) })
    assert.deepEqual(one.schema['properties'], { a: text.schema, b: nullable(text).schema })
    assert.deepEqual(one.read({ b: null }), {})
    assert.deepEqual(
      failure(() => one.read({ a: null })),
      { fields: ['a'], fault: 'invalid' },
    )
  })

  it('tells absent members from wrong ones', () => {
    const two = bodyShape({ a: required(text), b: required(nullable(text)) })
    assert.deepEqual(
      failure(() => two.read({ a: null })),
      { fields: ['a', 'b'], fault: 'missing' },
    )
    assert.deepEqual(
      failure(() => shape.read({})),
      { fields: ['thing_id'], fault: 'invalid' },
    )
    assert.deepEqual(two.read({ a: '', b: null }), { a: '', b: null })
  })

  it('has an error of its own for a type that the API names', () => {
    const { code, data } = failure(() => shape.read({ id: 'a', delta: [1] }))
    assert.deepEqual([code, data], ['wrong-type', { value: '[1]', field: 'delta', field_type: 'dict' }])
  })

  it('names what is wrong inside a member as it is called there', () => {
    const outer = bodyShape({ delta: optional(nested(bodyShape({ notes: optional(object) }))) })
    assert.deepEqual(outer.read({ delta: { notes: {} } }), { delta: { notes: {} } })
    assert.deepEqual(
      failure(() => outer.read({ delta: { notes: [] } })),
      { fields: ['notes'], fault: 'invalid' },
    )
    assert.deepEqual(
      failure(() => outer.read({ delta: [] })),
      { fields: ['delta'], fault: 'invalid' },
    )
  })

  it('refuses other members where they are not ignored', () => {
    const closed = bodyShape({ a: optional(text) }, 'unsupported')
    assert.deepEqual(
      failure(() => closed.read({ b: 1, constructor: 2 })),
      {
        fields: ['b', 'constructor'],
        fault: 'unsupported',
      },
    )
  })

  it('describes itself', () => {
    const inner = bodyShape({ c: optional(oneOf('x'), { extension: true }) })
    const closed = bodyShape(
      { a: required(text, { doc: 'A.' }), b: optional(wholeNumber(1, 9)), d: required(nested(inner)) },
      'invalid',
    )
    assert.deepEqual(closed.schema, {
      type: 'object',
      properties: {
        a: { type: 'string', description: 'A.' },
        b: { type: ['integer', 'null'], minimum: 1, maximum: 9 },
        d: { type: 'object', properties: { c: { enum: ['x', null], 'x-deckle-extension': true } } },
      },
      required: ['a', 'd'],
      additionalProperties: false,
    })
  })
})
