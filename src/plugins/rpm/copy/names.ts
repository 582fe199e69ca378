import { ownText } from '../metadata/tag-text.ts'

/** Texts that many packages share, each kept once, by number. The empty text is 0. */
export class Names {
  readonly #numbers = new Map<string, number>([['', 0]])
  readonly #texts: string[] = ['']

  get length(): number {
    return this.#texts.length
  }

  find(text: string): number | undefined {
    return this.#numbers.get(text)
  }

  add(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const own = ownText(text)
    this.#numbers.set(own, this.#texts.length)
    return this.#texts.push(own) - 1
  }

  text(number: number): string {
    return this.#texts[number] ?? ''
  }
}
