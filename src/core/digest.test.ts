import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { type DigestAlgorithm, digestAlgorithms, type Expected, parseDigestAlgorithm, Verifier } from './digest.ts'

const text = Buffer.from('what was promised')

function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array = text) {
  return { algorithm, value: createHash(algorithm).update(bytes).digest('hex') }
}

/** Feeds the text in two chunks. */
function verify(expected: Expected) {
  const verifier = new Verifier(expected)
  verifier.update(text.subarray(0, 5))
  verifier.update(text.subarray(5))
  return verifier.finish()
}

describe('a verifier', () => {
  it('measures what nothing is known of', () => {
    assert.deepEqual(verify({}), { sha256: digestOf('sha256').value, size: text.length })
  })

  it('holds bytes against digests of every algorithm', () => {
    for (const algorithm of digestAlgorithms) {
      assert.equal(verify({ digests: [digestOf(algorithm)], size: text.length }).size, text.length)
      const wrong = digestOf(algorithm, Buffer.from('something else'))
      assert.throws(() => verify({ digests: [digestOf('sha256'), wrong] }), { message: new RegExp(`^${algorithm} is`) })
    }
  })

  it('refuses a size that is too large before the end, and one that is too small at the end', () => {
    const verifier = new Verifier({ size: 4 })
    assert.throws(() => verifier.update(text), /more than the expected 4/)
    assert.throws(() => verify({ size: 100 }), /17 bytes, not the expected 100/)
  })
})

describe('names of digest algorithms', () => {
  it('are read as repodata spells them, where sha is sha1', () => {
    assert.deepEqual(['sha', 'SHA256', 'md5', 'crc32'].map(parseDigestAlgorithm), ['sha1', 'sha256', 'md5', undefined])
  })
})
