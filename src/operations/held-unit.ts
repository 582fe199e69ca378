import type { UnitDocuments } from '../core/content-type.ts'
import type { JsonObject } from '../core/json.ts'
import { PrintedJson } from '../core/printed-json.ts'
import type { DiscoveredFile, PrintedUnit } from '../core/unit.ts'

/** Texts of a unit in a piece of memory. */
export interface HeldTexts {
  readonly piece: Buffer
  /** Of documents, in the order of `bounds`. */
  readonly names: readonly string[]
  /** From where to where: of the metadata, then of each document. */
  readonly bounds: readonly number[]
}

/**
 * A unit with its metadata and documents somewhere in a piece of memory. What shows them is made when somebody asks: of the hundreds
 * of units that are on their way, it would be most of what V8 has to look at and to move.
 */
export class HeldUnit implements PrintedUnit {
  readonly type: string
  readonly key: JsonObject
  readonly files: readonly DiscoveredFile[]
  readonly revision: string
  readonly #texts: HeldTexts

  constructor({ type, key, files }: Pick<PrintedUnit, 'type' | 'key' | 'files'>, revision: string, texts: HeldTexts) {
    this.type = type
    this.key = key
    this.files = files
    this.revision = revision
    this.#texts = texts
  }

  get metadata(): PrintedJson {
    return new PrintedJson(this.#bytes(0))
  }

  get documents(): UnitDocuments {
    const shown: Record<string, Uint8Array> = {}
    for (const [index, name] of this.#texts.names.entries()) shown[name] = this.#bytes(index + 1)
    return shown
  }

  #bytes(text: number): Buffer {
    const { piece, bounds } = this.#texts
    return piece.subarray(bounds[2 * text], bounds[2 * text + 1])
  }
}
