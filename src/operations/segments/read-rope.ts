import type { BlobStore } from '../../core/blob-store.ts'
import type { Rope, RopePart } from '../../core/rope.ts'
import { unusableSegments } from '../../core/segment.ts'

/** The bytes of segments. Throws what `unusableSegments` makes when a blob cannot be read or is shorter than its part. */
export async function* readRope(blobs: Pick<BlobStore, 'read'>, rope: Rope): AsyncGenerator<Buffer> {
  for (const part of rope) {
    let left = part.length
    if (left === 0) continue
    for await (const chunk of readPart(blobs, part)) {
      left -= chunk.length
      yield chunk
    }
    if (left !== 0) throw unusableSegments(`blob ${part.sha256} is shorter than it should be`)
  }
}

async function* readPart(blobs: Pick<BlobStore, 'read'>, { sha256, offset, length }: RopePart): AsyncGenerator<Buffer> {
  try {
    yield* await blobs.read(sha256, { start: offset, end: offset + length - 1 })
  } catch (error) {
    throw unusableSegments(`blob ${sha256} cannot be read: ${String(error)}`, error)
  }
}
