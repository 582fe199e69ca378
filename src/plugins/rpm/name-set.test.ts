import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { NameSet } from './name-set.ts'

describe('a set of names', () => {
  it('knows what was added, and nothing else', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('', 'a', 'aa', 'ä', '日本'))
    const step = fc.record({ text, add: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const [names, expected] = [new NameSet(), new Set<string>()]
        for (const { text, add } of steps) {
          // What stands for a lone half of a character is the same for all of them.
          const written = text.toWellFormed()
          assert.equal(names.has(text), expected.has(written))
          if (add) assert.equal(names.add(text), !expected.has(written))
          if (add) expected.add(written)
        }
      }),
    )
  })

  it('holds as many as come, of any length', () => {
    const names = new NameSet()
    const nameOf = (number: number) => `package-${number}-${'x'.repeat(number % 600)}`
    for (let number = 0; number < 20_000; number += 1) assert.ok(names.add(nameOf(number)))
    for (let number = 0; number < 20_000; number += 1) assert.ok(!names.add(nameOf(number)))
    assert.ok(!names.has(nameOf(20_000)))
  })
})
