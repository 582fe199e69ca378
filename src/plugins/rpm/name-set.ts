import { randomInt } from 'node:crypto'

const firstBytes = 64 * 1024
const firstPlaces = 4096
/** Bytes before each text that state its length. */
const lengthBytes = 4

/**
 * Texts that have come by. A `Set` of those of a large repository takes four times the memory, all of it objects that V8 looks at
 * whenever it marks its heap.
 */
export class NameSet {
  /** Lengths and texts in UTF-8, one behind the other. */
  #texts = Buffer.allocUnsafeSlow(firstBytes)
  #end = 0
  /** Where in `#texts` each begins, plus one; 0 is a free place. At most half are taken. */
  #places = new Uint32Array(firstPlaces)
  #size = 0
  /** No upstream shall be able to choose texts that fall on one place. */
  readonly #seed = randomInt(2 ** 32)

  has(text: string): boolean {
    return this.#places[this.#find(this.#write(text))] !== 0
  }

  /** False when it is there already. */
  add(text: string): boolean {
    const length = this.#write(text)
    const place = this.#find(length)
    if (this.#places[place] !== 0) return false
    this.#places[place] = this.#end + 1
    this.#end += lengthBytes + length
    this.#size += 1
    if (2 * this.#size > this.#places.length) this.#widen()
    return true
  }

  /** Puts a text behind the others, not yet as one of them, and returns its bytes. */
  #write(text: string): number {
    const most = lengthBytes + 3 * text.length
    if (this.#end + most > this.#texts.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#texts.length, this.#end + most))
      this.#texts.copy(larger, 0, 0, this.#end)
      this.#texts = larger
    }
    const length = this.#texts.write(text, this.#end + lengthBytes)
    this.#texts.writeUInt32LE(length, this.#end)
    return length
  }

  /** The place of the text that was written last, or a free one for it. */
  #find(length: number): number {
    const places = this.#places
    let place = this.#hash(this.#end, length) % places.length
    for (let at = places[place] as number; at !== 0; at = places[place] as number) {
      if (this.#isLast(at - 1, length)) return place
      place = (place + 1) % places.length
    }
    return place
  }

  #isLast(at: number, length: number): boolean {
    const texts = this.#texts
    const last = this.#end
    for (let index = 0; index < lengthBytes + length; index += 1)
      if (texts[at + index] !== texts[last + index]) return false
    return true
  }

  /** FNV-1a, 32 bits. */
  #hash(at: number, length: number): number {
    const texts = this.#texts
    let hash = this.#seed
    for (let index = at + lengthBytes; index < at + lengthBytes + length; index += 1)
      hash = Math.imul(hash ^ (texts[index] as number), 0x01000193)
    return hash >>> 0
  }

  #widen(): void {
    const places = new Uint32Array(2 * this.#places.length)
    for (let at = 0; at < this.#end; ) {
      const length = this.#texts.readUInt32LE(at)
      let place = this.#hash(at, length) % places.length
      while (places[place] !== 0) place = (place + 1) % places.length
      places[place] = at + 1
      at += lengthBytes + length
    }
    this.#places = places
  }
}
