import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { nextAfter, type Period, parseRepeatingInterval } from './repeating-interval.ts'

const now = new Date('2016-04-29T16:27:17.250Z')

function parse(text: string) {
  const interval = parseRepeatingInterval(text, now)
  return interval && [interval.first.toISOString(), interval.every, interval.runs]
}

const hours = (count: number): Period => ({ months: 0, milliseconds: count * 3_600_000 })
const months = (count: number): Period => ({ months: count, milliseconds: 0 })

describe('A repeating interval', () => {
  it('is a duration, with or without a start and a number of runs', () => {
    assert.deepEqual(parse('PT1H'), [now.toISOString(), hours(1), null])
    assert.deepEqual(parse('R3/PT30S'), [now.toISOString(), hours(1 / 120), 3])
    assert.deepEqual(parse('2014-01-28T10:35:08Z/P1D'), ['2014-01-28T10:35:08.000Z', hours(24), null])
    assert.deepEqual(parse('R6/2012-09-22T00:00:00Z/P1DT'), ['2012-09-22T00:00:00.000Z', hours(24), 6])
  })

  it('has its parts in any order, also with two hyphens between them', () => {
    const expected = parse('R6/2012-09-22T00:00:00-05:00/P2W')
    for (const text of [
      'P2W/2012-09-22T00:00:00-05:00/R6',
      '2012-09-22T00:00:00-05:00--P2W--R6',
      'P2W/R6--2012-09-22T05:00:00Z',
    ]) {
      assert.deepEqual(parse(text), expected, text)
    }
  })

  it('that starts with a time of day starts at the next such instant', () => {
    const first = (text: string) => parse(text)?.[0]
    assert.equal(first('00:00:00Z/P1DT'), '2016-04-30T00:00:00.000Z')
    assert.equal(first('16:27:17.25/P1D'), now.toISOString())
    assert.equal(first('18:30+02:00/P1D'), '2016-04-29T16:30:00.000Z')
    assert.equal(first('23:00:00-05:00/P1D'), '2016-04-30T04:00:00.000Z')
  })

  it('has months and years only with a start', () => {
    assert.deepEqual(parse('2016-01-31T00:00:00Z/P1Y2M')?.[1], months(14))
    for (const text of ['P1M', 'P1Y', 'R3/P1M']) assert.equal(parse(text), undefined, text)
  })

  it('has parts of days, hours, minutes and seconds', () => {
    assert.deepEqual(parse('P0.5DT1,5H')?.[1], hours(13.5))
    assert.deepEqual(parse('P1W1DT1H1M1S')?.[1], { months: 0, milliseconds: 694_861_000 })
  })

  it('is not what has no duration, several, or one of less than a second', () => {
    const wrong = [
      '',
      '/',
      'P',
      'PT',
      'P0D',
      'PT0S',
      'PT0.5S',
      'PT',
      'P1D/P2D',
      'R3',
      '2016-01-01T00:00:00Z',
      '-P1D',
      'p1d',
      'P1H',
    ]
    for (const text of wrong) assert.equal(parse(text), undefined, text)
  })

  it('is not what never runs, has an end, or says something else', () => {
    const start = '2016-01-01T00:00:00Z'
    const wrong = [
      'R0/P1D',
      'R/P1D',
      'R-1/P1D',
      'R1/R2/P1D',
      `${start}/${start}`,
      `${start}/${start}/P1D`,
      'P1D/',
      'P1D/x',
    ]
    for (const text of [...wrong, ' P1D', 'P1D\n', '2016-01-01/P1D', '2016-02-30T00:00:00Z/P1D', '25:00:00Z/P1D']) {
      assert.equal(parse(text), undefined, text)
    }
  })

  it('is read or refused, whatever the text', () => {
    const pieces = fc.constantFrom(
      'R',
      'P',
      'T',
      '/',
      '--',
      '1',
      '0',
      '99999999999999',
      'D',
      'M',
      'S',
      '.',
      '2016-01-31T10:00:00Z',
      ':',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
        ),
        (text) => {
          const interval = parseRepeatingInterval(text, now)
          if (interval !== undefined) assert.ok((nextAfter(interval.first, interval.every, now) ?? Infinity) > now)
        },
      ),
    )
  })
})

describe('The next moment', () => {
  it('is the first while that lies ahead', () => {
    const first = new Date('2016-05-01T00:00:00Z')
    assert.equal(nextAfter(first, hours(1), now), first)
  })

  it('lies after the instant, also when that is a moment itself', () => {
    const first = new Date('2016-04-29T10:00:00Z')
    assert.equal(nextAfter(first, hours(1), now)?.toISOString(), '2016-04-29T17:00:00.000Z')
    assert.equal(nextAfter(first, hours(1), first)?.toISOString(), '2016-04-29T11:00:00.000Z')
  })

  it('is the last day of a shorter month, and the 31st again after it', () => {
    const first = new Date('2016-01-31T10:00:00Z')
    const after = (instant: string) => nextAfter(first, months(1), new Date(instant))?.toISOString()
    assert.equal(after('2016-01-31T10:00:00Z'), '2016-02-29T10:00:00.000Z')
    assert.equal(after('2016-02-29T10:00:00Z'), '2016-03-31T10:00:00.000Z')
    assert.equal(after('2017-02-01T00:00:00Z'), '2017-02-28T10:00:00.000Z')
    const leap = new Date('2016-02-29T00:00:00Z')
    assert.equal(nextAfter(leap, months(12), now)?.toISOString(), '2017-02-28T00:00:00.000Z')
    assert.equal(nextAfter(leap, months(12), new Date('2019-03-01'))?.toISOString(), '2020-02-29T00:00:00.000Z')
  })

  it('of each second since the year 1 is found at once', () => {
    const first = new Date('0001-01-01T00:00:00Z')
    assert.equal(nextAfter(first, hours(1 / 3600), now)?.toISOString(), '2016-04-29T16:27:18.000Z')
    assert.equal(nextAfter(first, months(1), now)?.toISOString(), '2016-05-01T00:00:00.000Z')
    assert.equal(nextAfter(first, months(1), new Date('0001-01-15'))?.toISOString(), '0001-02-01T00:00:00.000Z')
  })

  it('is none after the year 9999', () => {
    assert.equal(nextAfter(now, months(9_999 * 12 + 99_999), now), undefined)
    assert.equal(nextAfter(now, { months: 0, milliseconds: 1e15 }, now), undefined)
  })

  const date = (min: string, max: string) => fc.date({ min: new Date(min), max: new Date(max), noInvalidDate: true })
  const period = fc.record({ months: fc.nat(30), milliseconds: fc.nat(100 * 86_400_000) })
  const periods = period.filter(({ months, milliseconds }) => months > 0 || milliseconds >= 3_600_000)

  it('is the one that counting step by step comes to', () => {
    fc.assert(
      fc.property(date('1950-01-01', '1970-01-01'), periods, fc.nat(400), (first, every, steps) => {
        const instant = new Date(first.getTime() + steps * 86_400_000)
        assert.equal(nextAfter(first, every, instant)?.getTime(), counted(first, every, instant))
      }),
    )
  })

  it('leads from moment to moment without leaving one out', () => {
    fc.assert(
      fc.property(date('1600-01-31', '2400-12-31'), periods, (first, every) => {
        let moment = first
        for (let steps = 1; steps < 20; steps++) {
          const next = nextAfter(first, every, moment)
          assert.ok(next !== undefined && next > moment)
          assert.equal(nextAfter(first, every, new Date(next.getTime() - 1))?.getTime(), next.getTime())
          moment = next
        }
      }),
    )
  })
})

/** Step by step, with the calendar of the platform instead of arithmetic. */
function counted(first: Date, every: Period, instant: Date): number {
  for (let steps = 0; ; steps++) {
    const day = first.getUTCDate()
    const moved = new Date(first)
    moved.setUTCMonth(first.getUTCMonth() + every.months * steps)
    while (moved.getUTCDate() !== day && moved.getUTCDate() < 4) moved.setUTCDate(moved.getUTCDate() - 1)
    const time = moved.getTime() + every.milliseconds * steps
    if (time > instant.getTime()) return time
  }
}
