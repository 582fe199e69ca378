import { randomInt } from 'node:crypto'

/**
 * Texts, each kept once, by number: their bytes one after the other, and a hash table of numbers. As strings in a map or a set they would
 * take three times as much, all of it objects that V8 looks at whenever it marks its heap. The empty text is 0.
 */
export class Names {
  /** UTF-8. */
  #bytes = Buffer.alloc(64 * 1024)
  /** Where each text ends; it begins where the one before ends. */
  #ends = new Uint32Array(1024)
  #length = 1
  /** Numbers of texts where their hashes put them, 0 for none; a power of two, at least half of it free. */
  #table = new Uint32Array(2048)
  /** So that nobody can make texts that all collide. */
  readonly #seed = randomInt(2 ** 31)

  get length(): number {
    return this.#length
  }

  has(text: string): boolean {
    return this.find(text) !== undefined
  }

  find(text: string): number | undefined {
    if (text === '') return 0
    const number = this.#table[this.#placeOf(this.#append(text))]
    return number === 0 ? undefined : number
  }

  add(text: string): number {
    if (text === '') return 0
    this.#makeRoom()
    const end = this.#append(text)
    const place = this.#placeOf(end)
    const known = this.#table[place] ?? 0
    if (known > 0) return known
    const number = this.#length
    this.#table[place] = number
    this.#ends[number] = end
    this.#length += 1
    return number
  }

  text(number: number): string {
    return this.#bytes.toString('utf8', this.#start(number), this.#ends[number])
  }

  #start(number: number): number {
    return number === 0 ? 0 : (this.#ends[number - 1] ?? 0)
  }

  /** Writes a text after the last one, which keeps it only if `add` moves the end. Returns where it would end. */
  #append(text: string): number {
    const start = this.#ends[this.#length - 1] ?? 0
    const most = start + 3 * text.length
    if (most > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(most, 2 * this.#bytes.length))
    return start + this.#bytes.write(text, start)
  }

  /** Of the text that was appended last: where its number stands or may be put. */
  #placeOf(end: number): number {
    const start = this.#ends[this.#length - 1] ?? 0
    const mask = this.#table.length - 1
    for (let place = this.#hash(start, end) & mask; ; place = (place + 1) & mask) {
      const number = this.#table[place] ?? 0
      if (number === 0 || this.#isAt(number, start, end)) return place
    }
  }

  #isAt(number: number, start: number, end: number): boolean {
    const [from, to] = [this.#start(number), this.#ends[number] ?? 0]
    return to - from === end - start && this.#bytes.compare(this.#bytes, from, to, start, end) === 0
  }

  /** FNV-1a, mixed once more for the low bits. */
  #hash(start: number, end: number): number {
    let hash = this.#seed
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (this.#bytes[at] ?? 0), 0x01000193)
    return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
  }

  /** For one more. */
  #makeRoom(): void {
    if (this.#length === this.#ends.length) this.#ends = longer(this.#ends)
    if (2 * this.#length < this.#table.length) return
    const mask = 2 * this.#table.length - 1
    const table = new Uint32Array(mask + 1)
    for (let number = 1; number < this.#length; number += 1) {
      let place = this.#hash(this.#start(number), this.#ends[number] ?? 0) & mask
      while (table[place] !== 0) place = (place + 1) & mask
      table[place] = number
    }
    this.#table = table
  }
}

function longer(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(2 * list.length)
  twice.set(list)
  return twice
}
