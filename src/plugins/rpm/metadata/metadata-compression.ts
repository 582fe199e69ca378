import type { PieceCompressor } from '../../../core/piece-compressor.ts'
import { gunzipMember, gzip, gzipMembers } from '../../../formats/gzip.ts'
import type { Bytes } from '../../../formats/transformed.ts'
import { unzstdFrame, zstd, zstdFrames } from '../../../formats/zstd.ts'

export const metadataCompressionNames = ['gzip', 'zstd'] as const
export type MetadataCompressionName = (typeof metadataCompressionNames)[number]

/** How the files that repomd.xml lists are compressed. Equal bytes in give equal bytes out. */
export interface MetadataCompression {
  /** Of file names, with its point. */
  readonly suffix: string
  readonly mediaType: string
  /** A whole file. */
  compress(open: Bytes): AsyncGenerator<Buffer>
  /** For pieces of a file that stand for themselves. Whoever asks for it closes it. */
  pieces(): PieceCompressor
  /** Throws a FormatError for a damaged one. */
  openPiece(piece: Uint8Array): Promise<Buffer>
}

export const metadataCompressions: Readonly<Record<MetadataCompressionName, MetadataCompression>> = {
  gzip: {
    suffix: '.gz',
    mediaType: 'application/gzip',
    compress: gzip,
    pieces: gzipMembers,
    openPiece: gunzipMember,
  },
  zstd: {
    suffix: '.zst',
    mediaType: 'application/zstd',
    compress: zstd,
    pieces: zstdFrames,
    openPiece: unzstdFrame,
  },
}
