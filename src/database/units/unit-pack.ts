import { promisify } from 'node:util'
import { constants, createZstdCompress, zstdDecompress } from 'node:zlib'
import { PieceCompressor } from '../../core/piece-compressor.ts'
import { ReusedBuffers } from '../../core/reused-buffers.ts'

const decompress = promisify(zstdDecompress)

/** Of one piece that zstd writes; each is a trip to another thread. */
const chunkSize = 256 * 1024
/** It begins a new frame by itself. */
const frames = new PieceCompressor(() => ({
  stream: createZstdCompress({ chunkSize, flush: constants.ZSTD_e_end }),
  again: () => undefined,
}))
const buffers = new ReusedBuffers()

/**
 * One document of many units in one zstd frame (design-notes §1.2): a 32-bit count, that many 32-bit lengths, then the
 * texts. Little-endian. A text that a unit does not have is empty.
 */
export async function encodePack(documents: readonly Uint8Array[]): Promise<Buffer> {
  const head = Buffer.alloc(4 + 4 * documents.length)
  head.writeUInt32LE(documents.length)
  documents.forEach((document, slot) => {
    head.writeUInt32LE(document.length, 4 + 4 * slot)
  })
  return buffers.joined([head, ...documents], (open) => frames.compress(open))
}

const usualSize = 256 * 1024
const largestSize = 16 * 1024 * 1024

/** The size that the frame states (RFC 8878 §3.1.1.1), with room to end: then nothing has to be joined. */
function openSize(frame: Uint8Array): number {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, 18))
  const flags = bytes[4] ?? 0
  const isSingle = (flags & 0b10_0000) !== 0
  const at = 5 + (isSingle ? 0 : 1)
  if (bytes.length < 18 || (flags & 0b11) !== 0) return usualSize
  const sizes = [isSingle ? bytes.readUInt8(at) : usualSize, bytes.readUInt16LE(at) + 256, bytes.readUInt32LE(at)]
  return Math.min(sizes[flags >> 6] ?? usualSize, largestSize) + 64
}

export async function decodePack(body: Uint8Array): Promise<readonly Buffer[]> {
  const open = await decompress(body, { chunkSize: openSize(body) })
  const count = open.readUInt32LE(0)
  let start = 4 + 4 * count
  return Array.from({ length: count }, (_, slot) => {
    const end = start + open.readUInt32LE(4 + 4 * slot)
    const document = open.subarray(start, end)
    start = end
    return document
  })
}
