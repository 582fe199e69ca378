import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fromPulpDate, toPulpDate } from './dates.ts'

describe('A date of Pulp', () => {
  it('is printed in UTC to the second', () => {
    assert.equal(toPulpDate(new Date('2016-04-29T18:28:08.999+02:00')), '2016-04-29T16:28:08Z')
    assert.equal(toPulpDate(null), null)
  })

  it('is read with any zone, UTC without one', () => {
    const instant = '2016-04-29T16:28:08.000Z'
    const texts = [
      '2016-04-29T16:28:08Z',
      '2016-04-29T16:28:08',
      '2016-04-29T18:28:08+02:00',
      '2016-04-29T18:28:08+0200',
    ]
    for (const text of [...texts, '2016-04-29T11:28:08-05'])
      assert.equal(fromPulpDate(text)?.toISOString(), instant, text)
    assert.equal(fromPulpDate('2016-04-29T16:28Z')?.toISOString(), '2016-04-29T16:28:00.000Z')
  })

  it('is not a bare date, nor anything that is no instant', () => {
    for (const text of ['2016-04-29', '', 'yesterday', '2016-13-01T00:00:00Z', '1970:00:00T00:00:00Z', '1461947288']) {
      assert.equal(fromPulpDate(text), undefined, text)
    }
  })

  it('comes back as it was printed', () => {
    const instants = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(instants, (date) => {
        const printed = toPulpDate(date)
        assert.equal(toPulpDate(fromPulpDate(printed) ?? null), printed)
      }),
    )
  })
})
