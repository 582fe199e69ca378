import { FormatError } from './format-error.ts'
import { type Bytes, transformed } from './transformed.ts'

/** Bytes that the decoder may use. `xz -9` needs 65 MiB. */
const memoryLimit = 192 * 1024 * 1024
const writeSize = 2048

/** Reads all streams of an xz file, one after the other. */
export async function* unxz(source: Bytes): AsyncGenerator<Buffer> {
  // Loaded when needed: the library is native and few repositories use xz.
  const { default: lzma } = await import('lzma-native')
  const decoder = lzma.createStream('autoDecoder', { memlimit: memoryLimit, flags: lzma.CONCATENATED })
  try {
    yield* transformed(inSmallPieces(source), decoder)
  } catch (error) {
    throw toFormatError(error)
  }
}

/** The decoder opens each write whole before it waits for its reader; xz opens to at most 7,000 times its size. */
async function* inSmallPieces(source: Bytes): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += writeSize) yield chunk.subarray(at, at + writeSize)
  }
}

function toFormatError(error: unknown): unknown {
  const name = error instanceof Error ? error.name : ''
  if (name === 'LZMA_BUF_ERROR') return new FormatError('truncated', 'the xz data is cut off', { cause: error })
  if (name === 'LZMA_MEMLIMIT_ERROR')
    return new FormatError('too-large', 'the xz data needs too much memory to be read')
  if (name.startsWith('LZMA_')) return new FormatError('malformed', 'this is not sound xz data', { cause: error })
  return error
}
