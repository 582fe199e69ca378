import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError, invalid, toErrorReport } from './errors.ts'

const foreign = (properties: object) => Object.assign(new Error('no good'), { name: 'DeckleError', ...properties })

describe('a DeckleError', () => {
  it('may come from a module that has no part of Deckle', () => {
    const error = foreign({ kind: 'invalid', details: { fields: ['x'] } })
    assert.ok(error instanceof DeckleError)
    assert.deepEqual(toErrorReport(error), {
      kind: 'invalid',
      message: 'no good',
      details: { fields: ['x'] },
      trace: null,
    })
  })

  it('is none with a kind that nobody knows, without details, or by another name', () => {
    assert.ok(invalid('x') instanceof DeckleError)
    for (const other of [
      new Error('x'),
      foreign({}),
      foreign({ kind: 'odd', details: {} }),
      foreign({ kind: 'invalid', details: null }),
      foreign({ kind: 'invalid', details: {}, name: 'Error' }),
      { name: 'DeckleError', kind: 'invalid', details: {} },
      undefined,
    ]) {
      assert.equal(other instanceof DeckleError, false)
      assert.equal(toErrorReport(other).kind, 'internal')
    }
  })
})
