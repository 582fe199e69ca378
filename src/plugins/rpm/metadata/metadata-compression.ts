import { gunzipMember, gzip, gzipMember } from '../../../formats/gzip.ts'
import type { Bytes } from '../../../formats/transformed.ts'
import { unzstdFrame, zstd, zstdFrame } from '../../../formats/zstd.ts'

export const metadataCompressionNames = ['gzip', 'zstd'] as const
export type MetadataCompressionName = (typeof metadataCompressionNames)[number]

/** How the files that repomd.xml lists are compressed. Equal bytes in give equal bytes out. */
export interface MetadataCompression {
  /** Of file names, with its point. */
  readonly suffix: string
  readonly mediaType: string
  /** A whole file. */
  compress(open: Bytes): AsyncGenerator<Buffer>
  /** A piece of a file that stands for itself. */
  compressPiece(open: Uint8Array): Promise<Buffer>
  /** Throws a FormatError for a damaged one. */
  openPiece(piece: Uint8Array): Promise<Buffer>
}

export const metadataCompressions: Readonly<Record<MetadataCompressionName, MetadataCompression>> = {
  gzip: {
    suffix: '.gz',
    mediaType: 'application/gzip',
    compress: gzip,
    compressPiece: gzipMember,
    openPiece: gunzipMember,
  },
  zstd: {
    suffix: '.zst',
    mediaType: 'application/zstd',
    compress: zstd,
    compressPiece: zstdFrame,
    openPiece: unzstdFrame,
  },
}
