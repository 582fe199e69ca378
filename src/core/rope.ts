import type { ByteRange } from './blob-store.ts'

/** A piece of a generated file: `length` bytes of a blob from `offset`. */
export interface RopePart {
  readonly sha256: string
  readonly offset: number
  readonly length: number
}

/** A file made of pieces of blobs, in order (design-notes §1.6). */
export type Rope = readonly RopePart[]

const partBytes = 48

/** 48 bytes a part: sha256, offset and length as big-endian 64-bit integers. The form in `generated_file.parts`. */
export function encodeRope(rope: Rope): Buffer {
  const bytes = Buffer.alloc(rope.length * partBytes)
  rope.forEach((part, index) => {
    bytes.write(part.sha256, index * partBytes, 'hex')
    bytes.writeBigUInt64BE(BigInt(part.offset), index * partBytes + 32)
    bytes.writeBigUInt64BE(BigInt(part.length), index * partBytes + 40)
  })
  return bytes
}

export function decodeRope(bytes: Buffer): Rope {
  if (bytes.length % partBytes !== 0) throw new RangeError(`a rope of ${bytes.length} bytes is cut off`)
  return Array.from({ length: bytes.length / partBytes }, (_, index) => ({
    sha256: bytes.toString('hex', index * partBytes, index * partBytes + 32),
    offset: Number(bytes.readBigUInt64BE(index * partBytes + 32)),
    length: Number(bytes.readBigUInt64BE(index * partBytes + 40)),
  }))
}

/** Bytes of the whole file. */
export function lengthOf(rope: Rope): number {
  return rope.reduce((sum, { length }) => sum + length, 0)
}

/** The pieces that make up `range` of the whole file, in order. */
export function sliceRope(rope: Rope, range: ByteRange): Rope {
  const slices: RopePart[] = []
  let start = 0
  for (const part of rope) {
    const from = Math.max(range.start - start, 0)
    const to = Math.min(range.end + 1 - start, part.length)
    if (from < to) slices.push({ sha256: part.sha256, offset: part.offset + from, length: to - from })
    start += part.length
  }
  return slices
}
