import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, type JsonObject } from './json.ts'
import { canonicalBytes, objectOf, PrintedJson } from './printed-json.ts'

const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()).map((value) => {
  return JSON.parse(JSON.stringify(value)) as JsonObject
})

describe('A printed object', () => {
  it('is its canonical JSON and says the same', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        const printed = PrintedJson.of(object)
        assert.equal(Buffer.from(printed.bytes).toString(), canonicalJson(object))
        assert.deepEqual(printed.parse(), object)
      }),
    )
  })

  it('stands for the object wherever either may come', () => {
    const object = { b: 1, a: 'é' }
    const printed = PrintedJson.of(object)
    assert.deepEqual([objectOf(object), objectOf(printed)], [object, object])
    assert.deepEqual(canonicalBytes(object), canonicalBytes(printed))
  })
})
