import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { DiscoveredUnit } from '../core/unit.ts'
import { DocumentMemory } from './document-memory.ts'

const unitOf = (documents: Record<string, Uint8Array>): DiscoveredUnit => ({
  type: 'rpm',
  key: {},
  metadata: {},
  files: [],
  documents,
})

describe('The memory of documents', () => {
  it('holds what it was given, whatever happens to that, batch beside batch', () => {
    const size = fc.oneof(fc.nat(2000), fc.constantFrom(0, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1))
    const batch = fc.array(fc.tuple(size, size), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (batches) => {
        const memory = new DocumentMemory()
        let filling = 0
        let release = () => {}
        for (const batch of batches) {
          const held = batch.map(([one, other]) => {
            filling = (filling + 1) % 256
            const given = { a: new Uint8Array(one).fill(filling), b: new Uint8Array(other).fill(filling) }
            const unit = memory.hold(unitOf(given))
            for (const bytes of Object.values(given)) bytes.fill(255 - filling)
            return { unit, filling, sizes: [one, other] }
          })
          // The batch before goes through the catalog while this one was gathered.
          release()
          release = memory.endBatch()
          for (const { unit, filling, sizes } of held) {
            const bodies = Object.values(unit.documents ?? {})
            assert.deepEqual(
              bodies.map((body) => body.length),
              sizes,
            )
            for (const body of bodies) assert.ok(body.every((byte) => byte === filling))
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  it('is used again', () => {
    const memory = new DocumentMemory()
    const held = () => memory.hold(unitOf({ a: Buffer.from('text') })).documents?.['a']
    const first = held()
    memory.endBatch()()
    assert.equal(held()?.buffer, first?.buffer)
  })

  it('leaves a unit without documents as it is', () => {
    const unit = { type: 'rpm', key: {}, metadata: {}, files: [] }
    assert.equal(new DocumentMemory().hold(unit), unit)
  })
})
