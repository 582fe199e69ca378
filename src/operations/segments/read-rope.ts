import type { BlobStore } from '../../core/blob-store.ts'
import type { Rope, RopePart } from '../../core/rope.ts'
import { isUnusableSegments, unusableSegments } from '../../core/segment.ts'

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

/** The same for who looks at the bytes and keeps none: their memory is used again after each call. */
export async function lookAtRope(
  blobs: Pick<BlobStore, 'look'>,
  rope: Rope,
  use: (bytes: Buffer) => void,
): Promise<void> {
  for (const { sha256, offset, length } of rope) {
    let left = length
    const range = { start: offset, end: offset + length - 1 }
    const looking = blobs.look(sha256, range, (bytes) => {
      left -= bytes.length
      use(bytes)
    })
    await looking.catch((error: unknown) => {
      throw isUnusableSegments(error)
        ? error
        : unusableSegments(`blob ${sha256} cannot be read: ${String(error)}`, error)
    })
    if (left !== 0) throw unusableSegments(`blob ${sha256} is shorter than it should be`)
  }
}

async function* readPart(blobs: Pick<BlobStore, 'read'>, { sha256, offset, length }: RopePart): AsyncGenerator<Buffer> {
  try {
    yield* await blobs.read(sha256, { start: offset, end: offset + length - 1 })
  } catch (error) {
    throw unusableSegments(`blob ${sha256} cannot be read: ${String(error)}`, error)
  }
}
