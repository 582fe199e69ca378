import type { DiscoveredUnit } from '../core/unit.ts'

/** Of one piece; what is larger gets memory of its own. */
const pieceBytes = 1024 * 1024

/**
 * Where the documents of units lie from the moment an importer has found them until they are in the catalog. Its memory is used again
 * and again: what importers cut out of their input would otherwise live just long enough to make V8 mark its whole heap for it.
 */
export class DocumentMemory {
  readonly #free: Buffer[] = []
  /** Pieces of the batch that is being gathered; the last one is being filled. */
  #pieces: Buffer[] = []
  #filled = pieceBytes

  /** The unit with its documents copied to here, as part of the batch. */
  hold(unit: DiscoveredUnit): DiscoveredUnit {
    if (unit.documents === undefined) return unit
    const documents: Record<string, Uint8Array> = {}
    for (const name in unit.documents) documents[name] = this.#copy(unit.documents[name] as Uint8Array)
    return { ...unit, documents }
  }

  /** Ends the batch. The returned function gives back its memory: nobody may look at its documents afterwards. */
  endBatch(): () => void {
    const pieces = this.#pieces
    this.#pieces = []
    this.#filled = pieceBytes
    return () => this.#free.push(...pieces)
  }

  #copy(document: Uint8Array): Uint8Array {
    if (document.length === 0 || document.length > pieceBytes) return Buffer.from(document)
    if (this.#filled + document.length > pieceBytes) {
      this.#pieces.push(this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes))
      this.#filled = 0
    }
    const piece = this.#pieces.at(-1) as Buffer
    piece.set(document, this.#filled)
    this.#filled += document.length
    return piece.subarray(this.#filled - document.length, this.#filled)
  }
}
