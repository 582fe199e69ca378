import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { renderLine, renderPlain } from './progress-line.ts'
import type { ProgressView } from './progress-view.ts'
import { formatBytes, formatSeconds } from './quantities.ts'

const packages: ProgressView = {
  phase: 'packages',
  items: { done: 8, total: 32 },
  bytes: { done: 5_000_000, total: 10_000_000 },
}

describe('A progress line', () => {
  test('shows everything where there is room', () => {
    const line = renderLine(packages, { label: 'zoo', rate: 2_500_000, width: 120 })
    const bar = '#'.repeat(15) + '-'.repeat(15)
    assert.equal(line, `zoo  packages  [${bar}]  8/32  5.0 MB of 10.0 MB  2.5 MB/s  ETA 0:02`)
  })

  test('leaves out the least important first', () => {
    const widths = [71, 63, 55, 40, 12]
    const lines = widths.map((width) => renderLine(packages, { label: 'zoo', rate: 2_500_000, width }))
    assert.deepEqual(lines, [
      'zoo  packages  [#########----------]  8/32  5.0 MB of 10.0 MB  2.5 MB/s',
      'zoo  packages  [#####------]  8/32  5.0 MB of 10.0 MB  2.5 MB/s',
      'zoo  packages  [######-------]  8/32  5.0 MB of 10.0 MB',
      'zoo  packages  [########---------]  8/32',
      'zoo  package',
    ])
  })

  test('has no bar where nothing is counted', () => {
    assert.equal(renderLine({ phase: 'reading metadata' }, { label: 'zoo', width: 80 }), 'zoo  reading metadata')
    const empty = { phase: 'packages', items: { done: 0, total: 0 }, bytes: { done: 0, total: 0 } }
    assert.equal(renderLine(empty, { label: 'zoo', width: 80 }), 'zoo  packages')
  })

  test('never is longer than it may be', () => {
    const amount = fc.record({ done: fc.nat(), total: fc.nat() })
    const view = fc.record({ phase: fc.string(), items: amount, bytes: amount }, { requiredKeys: ['phase'] })
    const rate = fc.option(fc.nat(), { nil: undefined })
    fc.assert(
      fc.property(view, rate, fc.integer({ min: 1, max: 200 }), (shown, speed, width) => {
        assert.ok(renderLine(shown, { label: 'zoo', rate: speed, width }).length <= width)
      }),
    )
  })

  test('is words only in a log', () => {
    assert.equal(renderPlain(packages, 'zoo'), 'zoo: packages, 8/32, 5.0 MB of 10.0 MB')
  })
})

describe('Quantities', () => {
  test('are printed with three digits before the point at most', () => {
    const bytes = [0, 999, 1000, 999_949, 999_950, 2_340_000_000, 5e15]
    assert.deepEqual(bytes.map(formatBytes), ['0 B', '999 B', '1.0 kB', '999.9 kB', '1.0 MB', '2.3 GB', '5000.0 TB'])
  })

  test('of time grow to hours', () => {
    assert.deepEqual([0, 59.6, 754, 3723].map(formatSeconds), ['0:00', '1:00', '12:34', '1:02:03'])
  })
})
