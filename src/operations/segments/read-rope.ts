import type { BlobStore } from '../../core/blob-store.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Rope } from '../../core/rope.ts'

/** The bytes that a rope stands for. Throws when a blob is missing or shorter than its part. */
export async function* readRope(blobs: Pick<BlobStore, 'read'>, rope: Rope): AsyncGenerator<Buffer> {
  for (const { sha256, offset, length } of rope) {
    let left = length
    if (left === 0) continue
    for await (const chunk of await blobs.read(sha256, { start: offset, end: offset + length - 1 })) {
      left -= (chunk as Buffer).length
      yield chunk as Buffer
    }
    if (left !== 0) throw new DeckleError('internal', `blob ${sha256} is shorter than it should be`)
  }
}
