import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { objectOf, PrintedJson } from '../core/printed-json.ts'
import { type DiscoveredUnit, isPrinted, unitRevision } from '../core/unit.ts'
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

  it('holds a unit with printed metadata whole, and knows its revision', () => {
    const large = Buffer.alloc(1024 * 1024, 7)
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(large))
    const file = fc.record({
      path: text,
      digests: fc.constant([{ algorithm: 'md5', value: '00' } as const]),
      urls: fc.constant([]),
    })
    const anyUnit = fc.record({
      type: text,
      key: fc.dictionary(text, text),
      metadata: fc.dictionary(text, text).map((metadata) => PrintedJson.of(metadata)),
      files: fc.array(file, { maxLength: 2 }),
      documents: fc.dictionary(fc.constantFrom('c', 'a', 'ö', 'b'), bytes),
    })
    const nothing = Buffer.alloc(0)
    const memory = new DocumentMemory()
    fc.assert(
      fc.property(anyUnit, (unit) => {
        const held = memory.hold(unit)
        const { type, key, files } = held
        assert.deepEqual({ type, key, files }, { type: unit.type, key: unit.key, files: unit.files })
        assert.deepEqual(objectOf(held.metadata), unit.metadata.parse())
        assert.deepEqual(Object.keys(held.documents ?? {}).sort(), Object.keys(unit.documents).sort())
        for (const [name, body] of Object.entries(unit.documents))
          assert.equal(Buffer.compare(held.documents?.[name] ?? nothing, body), 0)
        assert.equal(isPrinted(held) && held.revision, unitRevision(unit))
      }),
      { numRuns: 30 },
    )
  })

  it('leaves a unit without documents as it is', () => {
    const unit = { type: 'rpm', key: {}, metadata: {}, files: [] }
    assert.equal(new DocumentMemory().hold(unit), unit)
  })
})
