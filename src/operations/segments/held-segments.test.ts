import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { sha256Hex } from '../../core/digest.ts'
import type { Rope } from '../../core/rope.ts'
import { isUnusableSegments } from '../../core/segment.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { HeldSegments } from './held-segments.ts'

describe('held segments', () => {
  const stores = suiteBlobs()

  /** Segments of these texts, whose file is this rope. */
  async function hold(texts: readonly string[], rope: Rope, form = 'f') {
    const segments = texts.map((text) => ({ lengths: [text.length], sums: [crc32(text)], note: text.length }))
    const publications = { segments: async () => ({ index: { form: 'f', paths: ['a'], segments }, ropes: [rope] }) }
    return HeldSegments.of({ publications, blobs: stores.store }, { id: 1, version: 7 }, 'set', form)
  }

  const part = (sha256: string, length: number, offset = 0) => ({ sha256, offset, length })

  it('are found wherever the parts of the file lie', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 })
    const property = fc.asyncProperty(fc.array(text), fc.array(fc.nat(6)), async (texts, cuts) => {
      const whole = texts.join('')
      const rope: Rope[number][] = []
      let at = 0
      for (const cut of [...cuts, whole.length]) {
        const piece = whole.slice(at, at + cut)
        at += piece.length
        if (piece !== '') rope.push(part(await storeBlob(stores.store, `..${piece}.`), piece.length, 2))
      }
      const held = (await hold(texts, rope)) ?? assert.fail()
      for (const [index, expected] of texts.entries()) {
        const [piece = Buffer.alloc(0)] = await held.pieces(index)
        assert.equal(piece.toString(), expected)
      }
    })
    await fc.assert(property, { numRuns: 20 })
  })

  it('are none of another form, and those that there are not cannot be used', async () => {
    const sha256 = await storeBlob(stores.store, 'text')
    assert.equal(await hold(['text'], [part(sha256, 4)], 'another'), undefined)
    const held = (await hold(['text'], [part(sha256, 4)])) ?? assert.fail()
    assert.deepEqual([held.version, held.notes], [7, [4]])
    await assert.rejects(held.pieces(1), isUnusableSegments)
    const short = (await hold(['longer'], [part(sha256, 4)])) ?? assert.fail()
    await assert.rejects(short.pieces(0), isUnusableSegments)
    const gone = (await hold(['text'], [part(sha256Hex('gone'), 4)])) ?? assert.fail()
    await assert.rejects(gone.pieces(0), isUnusableSegments)
    const changed = (await hold(['teXt'], [part(sha256, 4)])) ?? assert.fail()
    await assert.rejects(changed.pieces(0), isUnusableSegments)
  })

  it('wear out: small files, many parts and many dead bytes are better written again', async () => {
    const mebibyte = 1024 * 1024
    const sha256 = await storeBlob(stores.store, Buffer.alloc(2 * mebibyte))
    const worn = async (rope: Rope) => ((await hold([], rope)) ?? assert.fail()).isWorn(0)
    assert.equal(await worn([part(sha256, 2 * mebibyte)]), false)
    assert.equal(await worn([part(sha256, mebibyte)]), true)
    assert.equal(await worn([part(sha256, 1.6 * mebibyte)]), false)
    assert.equal(await worn([part(sha256, 1.4 * mebibyte)]), true)
    const many = (parts: number) => Array.from({ length: parts }, (_, at) => part(sha256, mebibyte / 24, at * 2))
    assert.deepEqual([await worn(many(48)), await worn(many(49))], [false, true])
    assert.equal(await worn([part(sha256Hex('gone'), 3 * mebibyte)]), false)
  })
})
