import { promisify } from 'node:util'
import { createGunzip, createGzip, gunzip as gunzipWhole, gzip as gzipWhole } from 'node:zlib'
import { FormatError } from './format-error.ts'
import { type Bytes, transformed } from './transformed.ts'

const chunkSize = 64 * 1024
/** Of a member, which is some 100 KB. */
const memberChunk = 64 * 1024
/** A damaged member may state any size. */
const largestChunk = 4 * 1024 * 1024

/** Reads all members of a gzip file, one after the other. */
export async function* gunzip(source: Bytes): AsyncGenerator<Buffer> {
  try {
    yield* transformed(source, createGunzip({ chunkSize }))
  } catch (error) {
    throw toFormatError(error)
  }
}

/** Writes gzip with fixed parameters and no time stamp in its header, so that equal bytes in give equal bytes out. */
export function gzip(source: Bytes): AsyncGenerator<Buffer> {
  return transformed(source, createGzip({ level: 6, memLevel: 9, windowBits: 15, chunkSize }))
}

/** One whole member; several may stand one after the other in a file. */
export function gzipMember(bytes: Uint8Array): Promise<Buffer> {
  return promisify(gzipWhole)(bytes, { level: 6, memLevel: 9, windowBits: 15, chunkSize: memberChunk })
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
