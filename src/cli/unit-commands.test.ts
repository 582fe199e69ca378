import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeUnits, parseMatch, toCriteria } from './unit-commands.ts'

describe('units on the command line', () => {
  it('are chosen by type, values and patterns', () => {
    assert.deepEqual(toCriteria({ match: [] }), {})
    const match = ['name=a=b', 'epoch=0', 'release~^4[.]'].map(parseMatch)
    assert.deepEqual(toCriteria({ type: 'rpm', match }), {
      type_ids: ['rpm'],
      filters: {
        unit: {
          $and: [{ name: { $in: ['a=b'] } }, { epoch: { $in: ['0', 0] } }, { release: { $regex: '^4[.]' } }],
        },
      },
    })
    for (const text of ['name', '=x', '~x', '']) assert.throws(() => parseMatch(text), /field=value/)
  })

  it('are counted, also where the report lists only some of them', () => {
    const units = [{ type_id: 'rpm', unit_key: {} }]
    assert.equal(describeUnits('copied', [{ result: { units_successful: units } }]), 'copied 1 unit')
    const result = { units_successful: units, units_successful_total: 70_000 }
    assert.equal(describeUnits('copied', [{ result }]), 'copied 70000 units')
    assert.equal(describeUnits('removed', [{ result: {} }]), 'removed 0 units')
    assert.equal(describeUnits('removed', [{ result: null }]), 'removed 0 units')
  })
})
