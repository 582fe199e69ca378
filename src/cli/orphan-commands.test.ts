import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeDeletion, orphanTable } from './orphan-commands.ts'

describe('deckle orphans', () => {
  it('lists the types that have any', () => {
    const lines = orphanTable({ rpm: { count: 12 }, srpm: { count: 0 } }).split('\n')
    assert.deepEqual([lines.length, lines.at(-1)?.split(/ +/)], [2, ['rpm', '12']])
    assert.equal(orphanTable({ rpm: { count: 0 } }), 'no orphans')
  })

  it('tells what was deleted', () => {
    assert.equal(describeDeletion([{ result: { rpm: 12, iso: 1 } }], undefined), 'deleted 12 rpm, 1 iso')
    assert.equal(describeDeletion([{ result: 3 }], 'rpm'), 'deleted 3 rpm')
    assert.equal(describeDeletion([{ result: {} }], undefined), 'nothing was deleted')
  })
})
