import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namedObjectId, objectId, objectIdKey } from './object-id.ts'

describe('An object id', () => {
  it('is the age, the kind and the row', () => {
    assert.equal(objectId('task', new Date('2016-04-29T16:27:17.5Z'), 0xabc), '57238b65' + '0004' + '000000000abc')
  })

  it('differs between kinds for the same row', () => {
    const kinds = [
      'repository',
      'importer',
      'distributor',
      'task',
      'syncHistory',
      'publishHistory',
      'schedule',
    ] as const
    assert.equal(new Set(kinds.map((kind) => objectId(kind, new Date(0), 1))).size, kinds.length)
  })

  it('leads back to the row of its kind, and only of its kind', () => {
    assert.equal(objectIdKey('schedule', objectId('schedule', new Date(0), 2 ** 40)), 2 ** 40)
    const strange = [objectId('task', new Date(0), 1), '', 'x'.repeat(24), `${objectId('schedule', new Date(0), 1)}0`]
    for (const id of strange) assert.equal(objectIdKey('schedule', id), undefined)
  })

  it('of a name is 24 hexadecimal digits and always the same', () => {
    assert.match(namedObjectId('content_type', 'rpm'), /^[0-9a-f]{24}$/)
    assert.equal(namedObjectId('content_type', 'rpm'), namedObjectId('content_type', 'rpm'))
    assert.notEqual(namedObjectId('content_type', 'rpm'), namedObjectId('content_type', 'srpm'))
  })
})
