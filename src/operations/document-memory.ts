import { sha256Hex } from '../core/digest.ts'
import { keysInOrder } from '../core/json.ts'
import { type FoundUnit, isPrinted, type PrintedUnit, revisionOfDocument, revisionOfFiles } from '../core/unit.ts'
import { HeldUnit } from './held-unit.ts'

/** Of one piece; what is larger gets memory of its own. */
const pieceBytes = 1024 * 1024
const nothing = Buffer.alloc(0)

/**
 * Where the documents of units lie from the moment an importer has found them until they are in the catalog. Its memory is used again
 * and again: what importers cut out of their input would otherwise live just long enough to make V8 mark its whole heap for it.
 */
export class DocumentMemory {
  readonly #free: Buffer[] = []
  /** Pieces of the batch that is being gathered. */
  #pieces: Buffer[] = []
  /** The one that is being filled. */
  #piece: Buffer = nothing
  #filled = 0

  /** The unit with its documents copied to here, as part of the batch; with its revision, if its metadata is printed. */
  hold(unit: FoundUnit): FoundUnit {
    if (isPrinted(unit)) return this.#holdPrinted(unit)
    if (unit.documents === undefined) return unit
    const documents: Record<string, Uint8Array> = {}
    for (const name in unit.documents) {
      const document = unit.documents[name] as Uint8Array
      this.#makeRoom(document.length)
      const from = this.#filled
      this.#write(document)
      documents[name] = this.#piece.subarray(from, this.#filled)
    }
    return { ...unit, documents }
  }

  /** Ends the batch. The returned function gives back its memory: nobody may look at its documents afterwards. */
  endBatch(): () => void {
    const pieces = this.#pieces
    this.#pieces = []
    this.#piece = nothing
    this.#filled = 0
    return () => this.#free.push(...pieces)
  }

  /** Everything that its revision is the hash of lies here in one row (`unitRevision`): then it is hashed in one call. */
  #holdPrinted(unit: PrintedUnit): PrintedUnit {
    const { metadata, documents = {} } = unit
    const names = keysInOrder(documents)
    const files = revisionOfFiles(unit)
    const heads = names.map((name) => revisionOfDocument(name, documents[name] as Uint8Array))
    this.#makeRoom(metadata.bytes.length + mostBytes(files, ...heads) + sizeOf(documents))
    const bounds = new Array<number>(2 * names.length + 2)
    const from = this.#filled
    this.#writeBounded(metadata.bytes, bounds, 0)
    this.#writeText(files)
    for (const [index, name] of names.entries()) {
      this.#writeText(heads[index] as string)
      this.#writeBounded(documents[name] as Uint8Array, bounds, index + 1)
    }
    const revision = sha256Hex(this.#piece.subarray(from, this.#filled))
    return new HeldUnit(unit, revision, { piece: this.#piece, names, bounds })
  }

  #writeBounded(bytes: Uint8Array, bounds: number[], text: number): void {
    bounds[2 * text] = this.#filled
    this.#write(bytes)
    bounds[2 * text + 1] = this.#filled
  }

  /** For as many bytes in one row. */
  #makeRoom(size: number): void {
    if (this.#filled + size <= this.#piece.length) return
    this.#filled = 0
    if (size > pieceBytes) {
      this.#piece = Buffer.allocUnsafeSlow(size)
      return
    }
    this.#piece = this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
    this.#pieces.push(this.#piece)
  }

  #write(bytes: Uint8Array): void {
    this.#piece.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  #writeText(text: string): void {
    this.#filled += this.#piece.write(text, this.#filled)
  }
}

/** Of texts in UTF-8. */
function mostBytes(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + 3 * text.length, 0)
}

function sizeOf(documents: Readonly<Record<string, Uint8Array>>): number {
  let size = 0
  for (const name in documents) size += documents[name]?.length ?? 0
  return size
}
