/**
 * The text of a `.repo` file of yum and dnf. Sections that Deckle has not written are kept as they are, letter for letter; its own
 * carry the binding in their first line.
 */
export class RepositoryFile {
  readonly #head: string
  readonly #sections: Section[]

  constructor(text: string) {
    const [head = '', ...sections] = text.split(/^(?=\[[^\]\n]+\][^\n]*$)/m)
    const startsInside = /^\[/.test(head)
    this.#head = startsInside ? '' : head
    this.#sections = (startsInside ? [head, ...sections] : sections).map(readSection)
  }

  /** Writes the section of a binding, in its old place if it has one. Returns the section's name: that of the repository, unless that is taken. */
  bind(binding: BindingName, options: RepositoryOptions): string {
    const at = this.#sections.findIndex(({ marker }) => marker === markerOf(binding))
    const taken = new Set(this.#sections.map(({ name }) => name))
    const names = [binding.repository, `${binding.repository}.${binding.distributor}`]
    const name = this.#sections[at]?.name ?? names.find((one) => !taken.has(one)) ?? `deckle.${names[1]}`
    const section = { name, marker: markerOf(binding), text: printSection(name, binding, options) }
    if (at >= 0) this.#sections[at] = section
    else this.#sections.push(section)
    return name
  }

  /** False when there is none. */
  unbind(binding: BindingName): boolean {
    const at = this.#sections.findIndex(({ marker }) => marker === markerOf(binding))
    if (at >= 0) this.#sections.splice(at, 1)
    return at >= 0
  }

  toString(): string {
    const texts = [this.#head, ...this.#sections.map(({ text }) => text)].filter((text) => text !== '')
    return texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('')
  }
}

export interface BindingName {
  readonly repository: string
  readonly distributor: string
}

/** Name → value; several values stand on lines of their own. */
export type RepositoryOptions = Readonly<Record<string, string | readonly string[]>>

interface Section {
  readonly name: string
  /** Undefined for one of somebody else. */
  readonly marker: string | undefined
  /** With its first line and all line ends. */
  readonly text: string
}

function readSection(text: string): Section {
  const name = /^\[([^\]]+)\]/.exec(text)?.[1] ?? ''
  const marker = /^\[[^\n]*\n(# deckle binding: [^\n]*?)\s*(?:\n|$)/.exec(text)?.[1]
  return { name, marker, text }
}

function markerOf({ repository, distributor }: BindingName): string {
  return `# deckle binding: ${oneLine(repository)} ${oneLine(distributor)}`
}

function printSection(name: string, binding: BindingName, options: RepositoryOptions): string {
  const lines = Object.entries(options).map(([key, value]) => {
    return `${key}=${(typeof value === 'string' ? [value] : value).map(oneLine).join('\n ')}`
  })
  return [`[${oneLine(name)}]`, markerOf(binding), ...lines, '', ''].join('\n')
}

/** Values come from the server: none of them begins another option or section. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
