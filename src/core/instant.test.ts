import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseInstant, parseTimeOfDay } from './instant.ts'

describe('An instant', () => {
  it('is a date-time in any zone, UTC without one', () => {
    for (const text of ['2016-02-29T16:28:08', '2016-02-29T16:28:08.000Z', '2016-02-29T18:28:08+0200']) {
      assert.equal(parseInstant(text)?.toISOString(), '2016-02-29T16:28:08.000Z', text)
    }
  })

  it('is not on a day that its month does not have', () => {
    for (const text of [
      '2015-02-29T00:00:00Z',
      '2100-02-29T00:00:00Z',
      '2016-04-31T00:00:00Z',
      '2016-13-01T00:00:00Z',
    ]) {
      assert.equal(parseInstant(text), undefined, text)
    }
  })

  it('is in one of the years 1 to 9999', () => {
    assert.equal(parseInstant('0001-01-01T00:00:00Z')?.toISOString(), '0001-01-01T00:00:00.000Z')
    for (const text of ['0000-12-31T00:00:00Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00']) {
      assert.equal(parseInstant(text), undefined, text)
    }
  })
})

describe('A time of day', () => {
  it('is counted from midnight UTC', () => {
    assert.equal(parseTimeOfDay('00:00:00Z'), 0)
    assert.equal(parseTimeOfDay('01:30'), 5_400_000)
    assert.equal(parseTimeOfDay('01:00:00+02:00'), -3_600_000)
  })

  it('is nothing else', () => {
    for (const text of ['', '24:61', '25:00:00Z', '2016-02-29T16:28:08Z', '1:00', '00:00:00Q']) {
      assert.equal(parseTimeOfDay(text), undefined, text)
    }
  })
})
