import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContentType } from '../core/content-type.ts'
import { thingType } from '../testing/catalog.ts'
import { UnitsSuccessful } from './units-successful.ts'

const group: ContentType = { ...thingType, id: 'group', keyFields: ['id', 'repo_id'], scope: 'repository' }

describe('the report of an action on units', () => {
  it('names the owner that units have now', () => {
    const report = new UnitsSuccessful([thingType, group])
    report.add(
      [
        { type: 'group', key: { id: 'g', repo_id: 'source' } },
        { type: 'thing', key: { name: 't' } },
      ],
      'target',
    )
    const units = [
      { type_id: 'group', unit_key: { id: 'g', repo_id: 'target' } },
      { type_id: 'thing', unit_key: { name: 't' } },
    ]
    assert.deepEqual(report.result(), { units_successful: units })
  })

  it('lists so many only, and says how many there are', () => {
    const report = new UnitsSuccessful([thingType], 3)
    const page = ['a', 'b'].map((name) => ({ type: 'thing', key: { name } }))
    for (const _ of [1, 2]) report.add(page, 'target')
    const names = ['a', 'b', 'a'].map((name) => ({ type_id: 'thing', unit_key: { name } }))
    assert.deepEqual(report.result(), { units_successful: names, units_successful_total: 4 })
    assert.equal(report.isFull, true)
    report.count(5)
    assert.deepEqual(report.result(), { units_successful: names, units_successful_total: 9 })
  })
})
