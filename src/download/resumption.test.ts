import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isContinuation, rangeHeaders, resumptionOf } from './resumption.ts'

const modified = 'Mon, 01 Jan 2024 00:00:00 GMT'
const soon = 'Mon, 01 Jan 2024 00:00:59 GMT'
const later = 'Mon, 01 Jan 2024 00:01:00 GMT'
const sized = { 'content-length': '100' }

describe('a first answer', () => {
  const continued: [Record<string, string>, string][] = [
    [{ ...sized, etag: '"a"' }, '"a"'],
    [{ ...sized, etag: '""', 'accept-ranges': 'bytes' }, '""'],
    [{ ...sized, etag: '"a"', 'last-modified': modified, date: later }, '"a"'],
    [{ ...sized, 'last-modified': modified, date: later }, modified],
    [{ ...sized, etag: '"a"', 'content-encoding': 'identity' }, '"a"'],
  ]
  for (const [headers, validator] of continued) {
    it(`with ${JSON.stringify(headers)} can be continued`, () => {
      assert.deepEqual(resumptionOf(headers), { validator, size: 100 })
    })
  }

  const notContinued: Record<string, string>[] = [
    sized,
    { etag: '"a"' },
    { 'content-length': '0', etag: '"a"' },
    { 'content-length': '1e2', etag: '"a"' },
    { ...sized, etag: 'W/"a"' },
    { ...sized, etag: 'a' },
    { ...sized, etag: '"a", "b"' },
    { ...sized, etag: 'W/"a"', 'last-modified': modified, date: later },
    { ...sized, 'last-modified': modified },
    { ...sized, 'last-modified': modified, date: soon },
    { ...sized, 'last-modified': later, date: modified },
    { ...sized, 'last-modified': '2024-01-01T00:00:00Z', date: later },
    { ...sized, etag: '"a"', 'accept-ranges': 'none' },
    { ...sized, etag: '"a"', 'accept-ranges': ' None' },
    { ...sized, etag: '"a"', 'content-encoding': 'gzip' },
  ]
  for (const headers of notContinued) {
    it(`with ${JSON.stringify(headers)} cannot`, () => assert.equal(resumptionOf(headers), undefined))
  }

  it('may hold anything', () => {
    const names = fc.constantFrom(
      'content-length',
      'etag',
      'date',
      'last-modified',
      'accept-ranges',
      'content-encoding',
    )
    fc.assert(
      fc.property(fc.dictionary(names, fc.string()), (headers) => {
        const found = resumptionOf(headers)
        assert.ok(found === undefined || (found.size > 0 && !found.validator.startsWith('W/')))
      }),
    )
  })
})

describe('an answer to a range request', () => {
  const resumption = { validator: '"a"', size: 100 }

  it('is asked for with the validator', () => {
    assert.deepEqual(rangeHeaders(resumption, 40), { range: 'bytes=40-', 'if-range': '"a"' })
  })

  for (const range of ['bytes 40-99/100', 'Bytes 40-99/100', 'bytes 40-60/100', 'bytes 40-40/100']) {
    it(`continues with ${range}`, () => assert.ok(isContinuation(resumption, 40, { 'content-range': range })))
  }

  const others = ['bytes 39-99/100', 'bytes 41-99/100', 'bytes 40-99/101', 'bytes 40-99/*', 'bytes 40-100/100']
  for (const range of [...others, 'bytes 40-39/100', 'bytes */100', 'lines 40-99/100', 'bytes 40-99/100, x', '']) {
    it(`does not continue with ${JSON.stringify(range)}`, () => {
      assert.ok(!isContinuation(resumption, 40, { 'content-range': range }))
    })
  }

  it('continues the same representation only, uncoded', () => {
    const right = { 'content-range': 'bytes 40-99/100' }
    const dated = { validator: modified, size: 100 }
    assert.ok(isContinuation(resumption, 40, { ...right, etag: '"a"' }))
    assert.ok(!isContinuation(resumption, 40, { ...right, etag: '"b"' }))
    assert.ok(!isContinuation(resumption, 40, { ...right, etag: 'W/"a"' }))
    assert.ok(isContinuation(dated, 40, { ...right, 'last-modified': modified }))
    assert.ok(!isContinuation(dated, 40, { ...right, 'last-modified': later }))
    assert.ok(!isContinuation(resumption, 40, { ...right, 'content-encoding': 'gzip' }))
    assert.ok(!isContinuation(resumption, 40, {}))
  })
})
