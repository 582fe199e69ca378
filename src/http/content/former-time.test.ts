import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { formerTime } from './former-time.ts'

const noon = { at: new Date('2026-03-04T12:00:00.000Z') }

it('reads the time that a request is about, in any zone', () => {
  for (const text of [
    '2026-03-04T12:00:00Z',
    '2026-03-04T12:00:00',
    '2026-03-04T13:00:00+01:00',
    '2026-03-04T13%3A00%3A00%2B0100',
  ]) {
    assert.deepEqual(formerTime(`/pulp/repos/zoo/?x=1&at=${text}&y`), noon, text)
  }
  assert.deepEqual(formerTime('/x?at=2026-03-04T11:59:59.999Z'), { at: new Date('2026-03-04T11:59:59.999Z') })
})

it('leaves requests alone that ask about no time', () => {
  for (const target of ['/x', '/x?', '/x?attic=1', '/at=1', '/x?AT=1', '/x?1&b=at']) {
    assert.equal(formerTime(target), undefined, target)
  }
})

it('refuses what is no time, and two of them', () => {
  const twice = 'at=2026-03-04T12:00:00Z'
  for (const query of [
    'at',
    'at=',
    'at=yesterday',
    'at=2026-03-04',
    'at=%',
    'at=2026-02-30T00:00:00Z',
    `${twice}&${twice}`,
  ]) {
    assert.ok('status' in (formerTime(`/x?${query}`) ?? {}), query)
  }
})

it('never throws, and finds each time that it is asked about', () => {
  fc.assert(fc.property(fc.string(), (query) => void formerTime(`/x?at=${query}`)))
  const dates = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
  fc.assert(
    fc.property(dates, (at) => assert.deepEqual(formerTime(`/x?at=${encodeURIComponent(at.toISOString())}`), { at })),
  )
})
