import { bunzip2 } from './bzip2.ts'
import { FormatError } from './format-error.ts'
import { gunzip } from './gzip.ts'
import type { Bytes } from './transformed.ts'
import { unxz } from './xz.ts'
import { unzstd } from './zstd.ts'

export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd'

const extensions: Readonly<Record<string, Compression>> = {
  gz: 'gzip',
  bz2: 'bzip2',
  xz: 'xz',
  lzma: 'xz',
  zst: 'zstd',
  zstd: 'zstd',
}

const readers: Readonly<Record<Compression, (source: Bytes) => Bytes>> = {
  none: (source) => source,
  gzip: gunzip,
  bzip2: bunzip2,
  xz: unxz,
  zstd: unzstd,
}

/** The compression that a file name or the path of a URL tells by its extension; `none` without a known one. */
export function compressionOf(name: string): Compression {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(extensions, extension) ? (extensions[extension] ?? 'none') : 'none'
}

/**
 * The open bytes of `source`, as a stream. Several members, streams or frames in a row are read to the end. Input that is
 * cut off, damaged or opens to more than `maxBytes` throws a FormatError; what was yielded before is not to be trusted then.
 */
export async function* decompress(
  source: Bytes,
  compression: Compression,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of readers[compression](source)) {
    size += chunk.length
    if (size > maxBytes) throw new FormatError('too-large', `the data opens to more than ${maxBytes} bytes`)
    yield chunk
  }
}
