import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { overlap, parseEvr, senses } from './version-range.ts'

const range = (text: string) => {
  const [flags = '', evr = ''] = text.split(' ')
  return { sense: senses[flags] ?? 0, evr: parseEvr(evr) }
}

describe('ranges of versions', () => {
  for (const [one, other, expected] of [
    ['EQ 1.0-1', 'GE 1.0', true],
    ['EQ 1.0-1', 'EQ 1.0', true],
    ['EQ 1.0-1', 'LE 1.0', true],
    ['EQ 1.0-1', 'GT 1.0', false],
    ['EQ 1.0-1', 'LT 1.0', false],
    ['EQ 1.0-1', 'EQ 1.0-2', false],
    ['EQ 1.0-1', 'LT 1.0-2', true],
    ['EQ 2:1.0-1', 'GE 1.5', true],
    ['EQ 2:1.0-1', 'LT 1.5', false],
    ['EQ 1.5', 'GE 1:1.0', false],
    ['EQ 0:1.5', 'EQ 1.5', true],
    ['EQ 1.0~rc1-1', 'GE 1.0', false],
    ['', 'GE 5', true],
    ['EQ 5', '', true],
    ['LT 3', 'GT 2', true],
    ['LT 2', 'GT 3', false],
    ['LE 3', 'GE 3', true],
    ['LT 3', 'GE 3', false],
    ['GE 1', 'GE 9', true],
  ] as const) {
    it(`${one || 'any'} and ${other || 'any'} ${expected ? 'have' : 'do not have'} a version in common`, () => {
      assert.equal(overlap(range(one), range(other)), expected)
      assert.equal(overlap(range(other), range(one)), expected)
    })
  }

  it('have what both let through in common', () => {
    const version = fc.integer({ min: 1, max: 4 })
    const flags = fc.constantFrom('EQ', 'LT', 'LE', 'GT', 'GE')
    const holds = (version: number, flags: string, limit: number) =>
      (flags.includes('E') && version === limit) ||
      (flags.startsWith('L') && version < limit) ||
      (flags.startsWith('G') && version > limit)
    fc.assert(
      fc.property(version, flags, version, (provided, flag, limit) => {
        assert.equal(overlap(range(`EQ ${provided}-1`), range(`${flag} ${limit}-1`)), holds(provided, flag, limit))
      }),
    )
  })
})
