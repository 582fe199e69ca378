import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { gunzipMember, gzipMembers } from './gzip.ts'
import { unzstdFrame, zstdFrames } from './zstd.ts'

const kinds = {
  gzip: { compressor: gzipMembers, open: gunzipMember },
  zstd: { compressor: zstdFrames, open: unzstdFrame },
} as const

for (const [name, { compressor, open }] of Object.entries(kinds)) {
  describe(`a compressor of ${name} pieces`, () => {
    it('makes of each piece, among others at once, what one for it alone makes', async () => {
      const line = fc.string({ minLength: 1, maxLength: 40 })
      const pieces = fc.array(fc.tuple(line, fc.nat(20_000)), { minLength: 1, maxLength: 12 })
      const together = async (texts: [string, number][]) => {
        const many = compressor()
        const bodies = texts.map(([text, times]) => Buffer.from(text.repeat(times)))
        const packed = await Promise.all(bodies.map((body) => many.compress(body)))
        many.close()
        for (const [index, body] of bodies.entries()) {
          const one = compressor()
          assert.ok(packed[index]?.equals(await one.compress(body)), `piece ${index} differs`)
          one.close()
          assert.ok(body.equals(await open(packed[index] ?? Buffer.alloc(0))), `piece ${index} cannot be read back`)
        }
      }
      await fc.assert(fc.asyncProperty(pieces, together), { numRuns: 20 })
    })

    it('fails what is to come when it is closed, and lets nobody wait for ever', async () => {
      const closed = compressor()
      const body = Buffer.from('a line of text\n'.repeat(100_000))
      const outcomes = Array.from({ length: 12 }, () => closed.compress(body))
      await outcomes[0]
      closed.close()
      const settled = await Promise.allSettled(outcomes)
      assert.equal(settled.at(-1)?.status, 'rejected')
    })
  })
}
