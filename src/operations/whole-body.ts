import type { BlobStore } from '../core/blob-store.ts'
import { type Measured, verified } from '../core/digest.ts'

export interface BlobFault {
  readonly sha256: string
  /** For people: `missing`, `size is …`. */
  readonly reason: string
}

/** What is wrong with a stored blob as far as it can be told without reading it. */
export async function findBlobFault(blobs: Pick<BlobStore, 'size'>, blob: Measured): Promise<BlobFault | undefined> {
  const size = await blobs.size(blob.sha256)
  if (size === blob.size) return undefined
  const reason = size === undefined ? 'it is missing' : `it has ${size} bytes instead of ${blob.size}`
  return { sha256: blob.sha256, reason }
}

export interface WholeBody {
  readonly bytes: AsyncIterable<Uint8Array>
  /** What was wrong with them; known when they have been read. */
  fault(): BlobFault | undefined
}

const zeros = new Uint8Array(256 * 1024)

/**
 * The bytes of a blob, exactly as many as it has: where a disk cannot read them, zeros stand for the rest, since the place in the
 * archive has that size already. Verified while they are read.
 */
export function wholeBody(blobs: Pick<BlobStore, 'read'>, blob: Measured): WholeBody {
  let fault: BlobFault | undefined
  return { bytes: filledUp(), fault: () => fault }

  async function* filledUp(): AsyncGenerator<Uint8Array> {
    const { sha256, size } = blob
    let left = size
    try {
      for await (const chunk of verified(await blobs.read(sha256), blob)) {
        left -= chunk.length
        yield chunk
      }
    } catch (error) {
      fault = { sha256, reason: error instanceof Error ? error.message : String(error) }
    }
    for (; left > 0; left -= zeros.length) yield zeros.subarray(0, left)
  }
}
