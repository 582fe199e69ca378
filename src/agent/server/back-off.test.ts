import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BackOff } from './back-off.ts'

test('Attempts become rarer up to a minute, each at its own time, and start over after a success', () => {
  const longest = new BackOff(() => 0)
  const waits = (backOff: BackOff) => Array.from({ length: 8 }, () => backOff.next())
  assert.deepEqual(waits(longest), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  longest.reset()
  assert.equal(longest.next(), 1000)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (chance) => {
      const most = waits(new BackOff(() => 0))
      waits(new BackOff(() => chance)).forEach((wait, at) => {
        assert.ok(wait <= (most[at] ?? 0) && wait >= (most[at] ?? 0) / 2)
      })
    }),
  )
})
