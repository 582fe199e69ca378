import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Of one piece that zstd writes; each is a trip to another thread. */
const chunkSize = 256 * 1024

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
  return compress(Buffer.concat([head, ...documents]), { chunkSize })
}

export async function decodePack(body: Uint8Array): Promise<readonly Buffer[]> {
  const open = await decompress(body, { chunkSize })
  const count = open.readUInt32LE(0)
  let start = 4 + 4 * count
  return Array.from({ length: count }, (_, slot) => {
    const end = start + open.readUInt32LE(4 + 4 * slot)
    const document = open.subarray(start, end)
    start = end
    return document
  })
}
