import { promisify } from 'node:util'
import { constants, createZstdCompress, createZstdDecompress, zstdDecompress as decompressWhole } from 'node:zlib'
import { PieceCompressor } from '../core/piece-compressor.ts'
import { ByteReader } from './byte-reader.ts'
import { FormatError } from './format-error.ts'
import { inLargerPieces } from './in-larger-pieces.ts'
import { type Bytes, transformed } from './transformed.ts'

const frameMagic = 0xfd2fb528
const firstSkippableMagic = 0x184d2a50
const lastSkippableMagic = 0x184d2a5f
const dictionaryIdBytes = [0, 1, 2, 4] as const
const contentSizeBytes = [0, 2, 4, 8] as const
const chunkSize = 128 * 1024
/** Of a frame that is read whole, which is some 100 KB. */
const frameChunk = 64 * 1024
const written = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 }

/**
 * Reads all frames of a zstd file. Node's decoder returns only the first one, without an error, so the frames are found
 * here, from the lengths in their headers (RFC 8878 §3.1), and each gets a decoder of its own.
 */
export async function* unzstd(source: Bytes): AsyncGenerator<Buffer> {
  const input = new ByteReader(source)
  try {
    do {
      const magic = await input.take(4)
      if (isSkippable(magic.readUInt32LE())) await skipFrame(input)
      else yield* transformed(inLargerPieces(frame(input, magic)), createZstdDecompress({ chunkSize }))
    } while (!(await input.atEnd()))
  } catch (error) {
    throw toFormatError(error)
  } finally {
    await input.close()
  }
}

/** Writes one frame with fixed parameters. */
export function zstd(source: Bytes): AsyncGenerator<Buffer> {
  return transformed(source, createZstdCompress({ params: written, chunkSize }))
}

/** Writes whole frames; several may stand one after the other in a file. */
export function zstdFrames(): PieceCompressor {
  return new PieceCompressor(() => {
    const stream = createZstdCompress({ params: written, chunkSize, flush: constants.ZSTD_e_end })
    // It begins a new frame by itself.
    return { stream, again: () => undefined }
  })
}

/** The bytes of a frame that we have written. */
export async function unzstdFrame(bytes: Uint8Array): Promise<Buffer> {
  try {
    return await promisify(decompressWhole)(bytes, { chunkSize: frameChunk })
  } catch (error) {
    throw toFormatError(error)
  }
}

function isSkippable(magic: number): boolean {
  return magic >= firstSkippableMagic && magic <= lastSkippableMagic
}

async function skipFrame(input: ByteReader): Promise<void> {
  const size = await input.take(4)
  for await (const _ of input.pass(size.readUInt32LE()));
}

/** The bytes of one frame, its magic number already read. */
async function* frame(input: ByteReader, magic: Buffer): AsyncGenerator<Uint8Array> {
  if (magic.readUInt32LE() !== frameMagic) throw new FormatError('malformed', 'this is not sound zstd data')
  const descriptor = await input.take(1)
  const flags = descriptor.readUInt8()
  yield magic
  yield descriptor
  yield await input.take(headerBytes(flags))
  yield* blocks(input)
  const hasChecksum = (flags & 0b100) !== 0
  if (hasChecksum) yield await input.take(4)
}

/** Length of what follows the descriptor in a frame header: window, dictionary id, content size. */
function headerBytes(flags: number): number {
  const singleSegment = (flags & 0b10_0000) !== 0
  const sizeFlag = flags >> 6
  const contentSize = singleSegment && sizeFlag === 0 ? 1 : (contentSizeBytes[sizeFlag] ?? 0)
  return (singleSegment ? 0 : 1) + (dictionaryIdBytes[flags & 0b11] ?? 0) + contentSize
}

async function* blocks(input: ByteReader): AsyncGenerator<Uint8Array> {
  let last = false
  while (!last) {
    const header = await input.take(3)
    const value = header.readUIntLE(0, 3)
    const repeatsOneByte = ((value >> 1) & 0b11) === 1
    last = (value & 1) === 1
    yield header
    yield* input.pass(repeatsOneByte ? 1 : value >> 3)
  }
}

function toFormatError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'Z_BUF_ERROR') return new FormatError('truncated', 'the zstd data is cut off', { cause: error })
  if (code.includes('frameParameter_windowTooLarge'))
    return new FormatError('too-large', 'the zstd data needs too much memory to be read')
  if (code.startsWith('ZSTD_')) return new FormatError('malformed', 'this is not sound zstd data', { cause: error })
  return error
}
