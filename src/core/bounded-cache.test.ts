import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BoundedCache } from './bounded-cache.ts'

describe('BoundedCache', () => {
  it('forgets what was not used for longest', () => {
    const cache = new BoundedCache<string>(3)
    for (const key of ['a', 'b', 'c']) cache.set(key, key.toUpperCase(), 1)
    assert.equal(cache.get('a'), 'A')
    cache.set('d', 'D', 1)
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => cache.get(key)),
      ['A', undefined, 'C', 'D'],
    )
  })

  it('counts a replaced entry once', () => {
    const cache = new BoundedCache<string>(10)
    cache.set('a', 'old', 4)
    cache.set('a', 'new', 5)
    assert.equal(cache.weight, 5)
    assert.equal(cache.get('a'), 'new')
  })

  it('keeps what it has when something too heavy comes', () => {
    const cache = new BoundedCache<string>(10)
    cache.set('a', 'A', 10)
    cache.set('b', 'B', 11)
    assert.equal(cache.get('a'), 'A')
    assert.equal(cache.get('b'), undefined)
  })

  it('never holds more than its limit and always holds what was set last', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight: fc.integer({ min: 0, max: 20 }) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const cache = new BoundedCache<string>(20)
        for (const { key, weight } of steps) {
          cache.set(key, `${key}${weight}`, weight)
          assert.ok(cache.weight <= 20)
          assert.equal(cache.get(key), `${key}${weight}`)
        }
      }),
    )
  })
})
