import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson } from './json.ts'
import { type DiscoveredUnit, unitKeyHash, unitRevision, unitWireId } from './unit.ts'

const unit: DiscoveredUnit = {
  type: 'thing',
  key: { name: 'a', version: '1' },
  metadata: { name: 'a', version: '1', summary: 'x' },
  files: [{ path: 'a.bin', size: 1, digests: [{ algorithm: 'md5', value: '00' }], urls: ['http://one.test/a.bin'] }],
  documents: { text: Buffer.from('t') },
}

describe('the identity of a unit', () => {
  it('is the same whatever order its key is written in, and another for another type', () => {
    assert.equal(unitKeyHash('thing', { version: '1', name: 'a' }), unitKeyHash('thing', unit.key))
    assert.notEqual(unitKeyHash('other', unit.key), unitKeyHash('thing', unit.key))
  })

  it('has a wire id that never changes: databases and clients remember it', () => {
    assert.equal(unitWireId(unitKeyHash('thing', unit.key)), '5f7a284f-51f0-8034-828f-69107fe6ba06')
    assert.equal(unitWireId('00112233445566778899aabbccddeeff'.repeat(2)), '00112233-4455-8677-8899-aabbccddeeff')
  })
})

describe('the revision of a unit', () => {
  it('does not depend on where it comes from', () => {
    const elsewhere = { ...unit, files: unit.files.map((file) => ({ ...file, urls: ['http://two.test/a.bin'] })) }
    assert.equal(unitRevision(elsewhere), unitRevision(unit))
  })

  it('changes with metadata, files and documents', () => {
    const others: DiscoveredUnit[] = [
      { ...unit, metadata: { ...unit.metadata, summary: 'y' } },
      { ...unit, files: unit.files.map((file) => ({ ...file, size: 2 })) },
      { ...unit, files: unit.files.map((file) => ({ ...file, path: 'b.bin' })) },
      { ...unit, documents: { text: Buffer.from('u') } },
      { ...unit, documents: {} },
    ]
    assert.equal(new Set([unit, ...others].map(unitRevision)).size, others.length + 1)
  })
})

describe('canonical JSON', () => {
  it('sorts keys at every depth and keeps the order of lists', () => {
    assert.equal(canonicalJson({ b: [2, 1, { d: null, c: 'é' }], a: true }), '{"a":true,"b":[2,1,{"c":"é","d":null}]}')
  })
})
