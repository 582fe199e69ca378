import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseRange } from './byte-range.ts'

describe('parseRange', () => {
  it('reads a range, an open range and a suffix', () => {
    assert.deepEqual(parseRange('bytes=0-0', 10), { start: 0, end: 0 })
    assert.deepEqual(parseRange('bytes=2-5', 10), { start: 2, end: 5 })
    assert.deepEqual(parseRange('Bytes = 2-5 ', 10), { start: 2, end: 5 })
    assert.deepEqual(parseRange('bytes=2-', 10), { start: 2, end: 9 })
    assert.deepEqual(parseRange('bytes=-3', 10), { start: 7, end: 9 })
    assert.deepEqual(parseRange('bytes=9-99999999999999999999999', 10), { start: 9, end: 9 })
  })

  it('gives the whole file for a suffix that covers it', () => {
    assert.equal(parseRange('bytes=-10', 10), 'whole')
    assert.equal(parseRange('bytes=-11', 10), 'whole')
    assert.equal(parseRange('bytes=-5', 0), 'whole')
  })

  it('refuses what lies beyond the end', () => {
    for (const header of ['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999999-']) {
      assert.equal(parseRange(header, 10), 'unsatisfiable', header)
    }
    assert.equal(parseRange('bytes=0-', 0), 'unsatisfiable')
  })

  it('ignores several ranges, other units and nonsense', () => {
    for (const header of [
      'bytes=0-1,3-4',
      'items=0-1',
      'bytes=-',
      'bytes=5-2',
      'bytes=a-b',
      'bytes',
      '',
      'bytes=0x1-2',
    ]) {
      assert.equal(parseRange(header, 10), 'whole', header)
    }
  })

  it('never leaves the file', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([first, last]) => `bytes=${first}-${last}`),
      fc.nat().map((length) => `bytes=-${length}`),
    )
    fc.assert(
      fc.property(header, fc.nat(), (text, size) => {
        const range = parseRange(text, size)
        if (typeof range === 'string') return
        assert.ok(range.start >= 0 && range.start <= range.end && range.end < size)
      }),
    )
  })
})
