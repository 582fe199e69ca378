declare module 'unbzip2-stream/lib/bzip2.js' {
  export type BitReader = ((bits: number) => number) & { bytesRead: number }

  const bzip2: {
    /** Reads the head of a stream; returns its block size in units of 100,000 bytes. */
    header(bits: BitReader): number
    /**
     * Reads one block, which it hands over byte by byte, and returns the checksum of the stream so far; null after the end of
     * a stream, whose checksum was right.
     */
    decompress(
      bits: BitReader,
      emit: (byte: number) => void,
      work: Int32Array,
      workLength: number,
      checksum: number,
    ): number | null
  }
  export default bzip2
}

declare module 'unbzip2-stream/lib/bit_iterator.js' {
  import type { BitReader } from 'unbzip2-stream/lib/bzip2.js'

  /** Asks for the next buffer when one is used up; undefined makes it throw. */
  export default function bitIterator(nextBuffer: () => Uint8Array | undefined): BitReader
}
