import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, type Json } from './json.ts'

/** Without -0, which JSON does not know. */
const anyJson = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json)

describe('The canonical text of a value', () => {
  it('is JSON and says the same', () => {
    fc.assert(fc.property(anyJson, (value) => assert.deepEqual(JSON.parse(canonicalJson(value)), value)))
  })

  it('does not depend on the order in which members were written', () => {
    const backwards = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(backwards)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .map(([key, member]) => [key, backwards(member)] as const)
          .reverse(),
      )
    }
    fc.assert(fc.property(anyJson, (value) => assert.equal(canonicalJson(backwards(value)), canonicalJson(value))))
  })

  it('sorts keys by code unit, also those that look like numbers', () => {
    assert.equal(canonicalJson({ b: 1, 10: 2, 9: 3, é: 4, a: {} }), '{"10":2,"9":3,"a":{},"b":1,"é":4}')
  })
})
