import { crc32 } from 'node:zlib'
import { unusableSegments } from '../../core/segment.ts'

interface Check {
  left: number
  sum: number
  readonly expected: number
}

/** Compares bytes that come in any chunks with the CRC-32 of the pieces that they are to make up. */
export class PieceChecks {
  readonly #checks: Check[] = []

  /** After the pieces before it come so many bytes of this CRC-32. */
  expect(length = 0, expected = 0): void {
    if (length > 0) this.#checks.push({ left: length, sum: 0, expected })
  }

  /** Throws what `unusableSegments` makes at the end of a piece that is another one. */
  pass(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      const [check] = this.#checks
      if (check === undefined) throw unusableSegments('it has more bytes than it should')
      const part = chunk.subarray(at, at + check.left)
      check.sum = crc32(part, check.sum)
      check.left -= part.length
      at += part.length
      if (check.left > 0) return
      if (check.sum !== check.expected) throw unusableSegments('a piece of it is damaged')
      this.#checks.shift()
    }
  }

  /** Throws what `unusableSegments` makes when bytes are missing. */
  end(): void {
    if (this.#checks.length > 0) throw unusableSegments('it has fewer bytes than it should')
  }
}
