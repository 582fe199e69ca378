import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import { notFound } from '../core/errors.ts'
import { isWholeBlob } from './read-whole-blob.ts'

const blob = { sha256: sha256Hex('content'), size: 7 }

/** What reading does, one time after the other; an Error breaks after the first bytes. */
function blobsThat(...reads: readonly (string | Error)[]) {
  const left = [...reads]
  return {
    async read() {
      const next = left.shift()
      if (next === undefined) throw notFound({ blob: blob.sha256 })
      return Readable.from(typeof next === 'string' ? [Buffer.from(next)] : breaking(next))
    },
  }
}

async function* breaking(error: Error): AsyncGenerator<Buffer> {
  yield Buffer.from('con')
  throw error
}

const fault = (code: string) => Object.assign(new Error(code), { code })
const { signal } = new AbortController()

describe('reading a stored blob to its end', () => {
  it('finds whole what has its size and digest', async () => {
    assert.equal(await isWholeBlob(blobsThat('content'), blob, signal), true)
  })

  it('finds damaged what has other bytes, is longer or shorter, is not there, or cannot be read', async () => {
    for (const read of ['cOntent', 'content and more', 'con', fault('EIO')]) {
      assert.equal(await isWholeBlob(blobsThat(read, read), blob, signal), false, String(read))
    }
    assert.equal(await isWholeBlob(blobsThat(), blob, signal), false)
  })

  it('gives a disk that failed for a moment a second chance', async () => {
    assert.equal(await isWholeBlob(blobsThat(fault('EIO'), 'content'), blob, signal), true)
  })

  it('calls nothing damaged for reasons that are not in the bytes', async () => {
    await assert.rejects(isWholeBlob(blobsThat(fault('EMFILE')), blob, signal), { code: 'EMFILE' })
    await assert.rejects(isWholeBlob(blobsThat('content'), blob, AbortSignal.abort()), { name: 'AbortError' })
  })
})
