import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { lastPosition, positionsOf } from './positions.ts'

const names = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnop'))

describe('the positions of groups', () => {
  it('ascend as upstream has them, whatever was held', () => {
    fc.assert(
      fc.property(fc.array(names, { maxLength: 8 }), (lists) => {
        let held: ReadonlyMap<string, string> = new Map()
        for (const list of lists) {
          held = positionsOf(list, held)
          assert.deepEqual([...held.keys()], list)
          const positions = [...held.values()]
          assert.deepEqual(positions, [...new Set(positions)].sort())
          assert.ok(positions.every((position) => position.length === lastPosition.length && position < lastPosition))
        }
      }),
    )
  })

  it('stay when some go and others come, as long as there is room', () => {
    const first = positionsOf(['a', 'b', 'c'], new Map())
    const second = positionsOf(['x', 'a', 'c', 'y', 'z'], first)
    assert.deepEqual([second.get('a'), second.get('c')], [first.get('a'), first.get('c')])
    let crowded = first
    for (let one = 0; one < 100; one += 1) {
      crowded = positionsOf(['a', `n${one}`, ...[...crowded.keys()].slice(1)], crowded)
    }
    assert.equal(crowded.size, 103)
    assert.deepEqual([...crowded.values()], [...new Set(crowded.values())].sort())
  })

  it('are given to what stood last because it was uploaded', () => {
    const positions = positionsOf(['a', 'b'], new Map([['a', lastPosition]]))
    assert.ok((positions.get('a') ?? '') < (positions.get('b') ?? ''))
    const before = positionsOf(['a', 'c'], new Map())
    const after = positionsOf(['a', 'b', 'c'], new Map([...before, ['b', lastPosition]]))
    assert.deepEqual([after.get('a'), after.get('c')], [before.get('a'), before.get('c')])
  })
})
