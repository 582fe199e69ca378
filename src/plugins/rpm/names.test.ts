import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Names } from './names.ts'

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.string({ unit: 'grapheme', maxLength: 40 }))

describe('names', () => {
  it('are numbered once each, and told apart', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), fc.array(text), (texts, others) => {
        const names = new Names()
        const numbers = new Map([['', 0]])
        for (const one of texts) {
          const number = names.add(one)
          assert.equal(numbers.get(one) ?? numbers.size, number)
          numbers.set(one, number)
        }
        assert.equal(names.length, numbers.size)
        for (const [one, number] of numbers) assert.deepEqual([names.find(one), names.text(number)], [number, one])
        for (const other of others)
          assert.deepEqual([names.find(other), names.has(other)], [numbers.get(other), numbers.has(other)])
      }),
    )
  })

  it('may be very many, and very long', () => {
    const names = new Names()
    const texts = Array.from({ length: 20_000 }, (_, number) => `${'x'.repeat(number % 90)}${number}`)
    for (const one of [...texts, 'y'.repeat(1_000_000)]) names.add(one)
    assert.deepEqual(
      texts.map((one) => names.find(one)),
      texts.map((_, number) => number + 1),
    )
    assert.equal(names.text(20_001).length, 1_000_000)
  })
})
