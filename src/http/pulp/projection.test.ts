import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Projection } from './projection.ts'

const object = { _id: 1, name: 'a', deep: { x: [{ y: 1, z: 2 }, 3], w: 4 }, list: [1] }

describe('A projection', () => {
  it('keeps everything when it names nothing', () => {
    assert.equal(new Projection(undefined).apply(object), object)
    assert.equal(new Projection(undefined).wants('name'), true)
  })

  it('keeps the members that it names and those that are always there', () => {
    assert.deepEqual(new Projection(['name', 'nothing'], ['_id']).apply(object), { _id: 1, name: 'a' })
    assert.deepEqual(new Projection([]).apply(object), {})
  })

  it('leads through objects and arrays', () => {
    assert.deepEqual(new Projection(['deep.x.y']).apply(object), { deep: { x: [{ y: 1 }] } })
    assert.deepEqual(new Projection(['deep.w', 'deep.x.z']).apply(object), { deep: { x: [{ z: 2 }], w: 4 } })
    assert.deepEqual(new Projection(['deep.x.y', 'deep']).apply(object), { deep: object.deep })
    assert.deepEqual(new Projection(['name.x', 'list.y']).apply(object), { list: [] })
    assert.equal(new Projection(['deep.x']).wants('deep'), true)
    assert.equal(new Projection(['deep.x']).wants('name'), false)
  })

  it('bears names of any length and kind', () => {
    const long = Array.from({ length: 100_000 }, () => 'deep').join('.')
    assert.deepEqual(new Projection([long, '', '.', '__proto__', 'toString']).apply(object), { deep: {} })
  })
})
