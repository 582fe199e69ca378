import { promisify } from 'node:util'
import { constants, createGunzip, createGzip, type Gzip, gunzip as gunzipWhole, type ZlibReset } from 'node:zlib'
import { PieceCompressor } from '../core/piece-compressor.ts'
import { FormatError } from './format-error.ts'
import { type Bytes, transformed } from './transformed.ts'

const chunkSize = 128 * 1024
/** Each piece is a trip to another thread, which is dear: in pieces of 64 KB a large repository takes a tenth more. */
const openChunk = 256 * 1024
const written = { level: 6, memLevel: 9, windowBits: 15, chunkSize }
/** A damaged member may state any size. */
const largestChunk = 4 * 1024 * 1024

/** Reads all members of a gzip file, one after the other. */
export async function* gunzip(source: Bytes): AsyncGenerator<Buffer> {
  try {
    yield* transformed(source, createGunzip({ chunkSize: openChunk }))
  } catch (error) {
    throw toFormatError(error)
  }
}

/** Writes gzip with fixed parameters and no time stamp in its header, so that equal bytes in give equal bytes out. */
export function gzip(source: Bytes): AsyncGenerator<Buffer> {
  return transformed(source, createGzip(written))
}

/** Writes whole members; several may stand one after the other in a file. */
export function gzipMembers(): PieceCompressor {
  return new PieceCompressor(() => {
    const stream = createGzip({ ...written, flush: constants.Z_FINISH })
    return { stream, again: () => (isResettable(stream) ? stream.reset() : undefined) }
  })
}

/** The bytes of a member that we have written. */
export async function gunzipMember(bytes: Uint8Array): Promise<Buffer> {
  try {
    return await promisify(gunzipWhole)(bytes, { chunkSize: openSizeOf(bytes) })
  } catch (error) {
    throw toFormatError(error)
  }
}

/** What the member says of its open size (RFC 1952 §2.3.1), with room to end, so that it comes in one piece. */
function openSizeOf(member: Uint8Array): number {
  const { buffer, byteOffset, length } = member
  const stated = length < 18 ? 0 : new DataView(buffer, byteOffset, length).getUint32(length - 4, true)
  return Math.min(stated, largestChunk) + 64
}

function toFormatError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') return new FormatError('truncated', 'the gzip data is cut off', { cause: error })
  if (code === 'Z_DATA_ERROR') return new FormatError('malformed', 'this is not sound gzip data', { cause: error })
  return error
}

/** Every zlib stream is, which the types tell of some only. */
function isResettable(stream: Gzip): stream is Gzip & ZlibReset {
  return 'reset' in stream
}
