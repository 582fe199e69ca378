import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { defaultRetryPolicy, parseRetryAfter, retryDelay } from './retry-policy.ts'

const now = Date.parse('2024-01-01T00:00:00Z')

describe('the wait before another attempt', () => {
  it('doubles up to a bound, half of it by chance', () => {
    const waits = (random: number) =>
      [1, 2, 3, 9].map((attempt) => retryDelay(defaultRetryPolicy, attempt, undefined, () => random))
    assert.deepEqual(waits(0), [250, 500, 1000, 5000])
    assert.deepEqual(waits(1), [500, 1000, 2000, 10_000])
  })

  it('is never shorter than Retry-After, nor longer than the bound on it', () => {
    assert.equal(
      retryDelay(defaultRetryPolicy, 1, 30_000, () => 0),
      30_000,
    )
    assert.equal(
      retryDelay(defaultRetryPolicy, 1, 1e9, () => 0),
      60_000,
    )
    assert.equal(
      retryDelay(defaultRetryPolicy, 1, 0, () => 0),
      250,
    )
  })
})

describe('Retry-After', () => {
  const values: [string | undefined, number | undefined][] = [
    [undefined, undefined],
    ['0', 0],
    [' 120 ', 120_000],
    ['Mon, 01 Jan 2024 00:00:05 GMT', 5000],
    ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ]
  for (const [value, expected] of values) {
    it(`${JSON.stringify(value)} means ${expected} ms`, () => assert.equal(parseRetryAfter(value, now), expected))
  }

  it('is a time or nothing, whatever upstream sends', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const parsed = parseRetryAfter(value, now)
        assert.ok(parsed === undefined || (Number.isFinite(parsed) && parsed >= 0))
      }),
    )
  })
})
