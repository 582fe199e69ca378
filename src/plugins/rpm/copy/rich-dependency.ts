import { senses } from './version-range.ts'

/** A capability that is required: `sense` are bits of `senses`, `evr` is `epoch:version-release`, empty for any. */
export interface Capability {
  readonly name: string
  readonly sense: number
  readonly evr: string
}

/** What rpm calls a rich or boolean dependency (rpm-dependencies: Boolean Dependencies). */
export type Dependency =
  | { readonly kind: 'one'; readonly capability: Capability }
  | { readonly kind: 'and'; readonly parts: readonly Dependency[] }
  | { readonly kind: 'or'; readonly parts: readonly Dependency[] }
  /** One package that meets all parts. */
  | { readonly kind: 'with'; readonly parts: readonly Dependency[] }
  /** One package that meets the first and not the second. */
  | { readonly kind: 'without'; readonly wanted: Dependency; readonly unwanted: Dependency }
  | {
      readonly kind: 'if' | 'unless'
      readonly wanted: Dependency
      readonly condition: Dependency
      readonly otherwise?: Dependency
    }

/** Deeper than anybody nests them. */
const maxDepth = 32
const comparisons: Readonly<Record<string, number | undefined>> = {
  '=': senses['EQ'],
  '<': senses['LT'],
  '<=': senses['LE'],
  '>': senses['GT'],
  '>=': senses['GE'],
}

/** Undefined for a text that is no rich dependency. */
export function parseRichDependency(text: string): Dependency | undefined {
  const parser = new Parser(text)
  const dependency = parser.group(0)
  return dependency !== undefined && parser.isAtEnd() ? dependency : undefined
}

/** All that a dependency names, conditions too. */
export function* capabilitiesOf(dependency: Dependency): Generator<Capability> {
  if (dependency.kind === 'one') return yield dependency.capability
  for (const part of partsOf(dependency)) yield* capabilitiesOf(part)
}

function partsOf(dependency: Dependency): readonly Dependency[] {
  switch (dependency.kind) {
    case 'one':
      return []
    case 'without':
      return [dependency.wanted, dependency.unwanted]
    case 'if':
    case 'unless': {
      const { wanted, condition, otherwise } = dependency
      return otherwise === undefined ? [wanted, condition] : [wanted, condition, otherwise]
    }
    default:
      return dependency.parts
  }
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#text.length
  }

  /** What stands in parentheses. */
  group(depth: number): Dependency | undefined {
    if (depth > maxDepth || !this.#take('(')) return undefined
    const first = this.#operand(depth)
    const parts = first === undefined ? undefined : this.#rest(first, depth)
    return parts !== undefined && this.#take(')') ? parts : undefined
  }

  #rest(first: Dependency, depth: number): Dependency | undefined {
    const operator = this.#operator()
    if (operator === undefined) return first
    const second = this.#operand(depth)
    if (second === undefined) return undefined
    if (operator === 'without') return { kind: 'without', wanted: first, unwanted: second }
    if (operator === 'if' || operator === 'unless') return this.#conditional(operator, first, second, depth)
    if (operator === 'else') return undefined
    return this.#chain(operator, [first, second], depth)
  }

  #conditional(kind: 'if' | 'unless', wanted: Dependency, condition: Dependency, depth: number) {
    const next = this.#operator()
    if (next === undefined) return { kind, wanted, condition }
    const otherwise = next === 'else' ? this.#operand(depth) : undefined
    return otherwise && { kind, wanted, condition, otherwise }
  }

  /** More of the same operator; others need parentheses. */
  #chain(kind: 'and' | 'or' | 'with', parts: Dependency[], depth: number): Dependency | undefined {
    for (let next = this.#operator(); next !== undefined; next = this.#operator()) {
      const part = next === kind ? this.#operand(depth) : undefined
      if (part === undefined) return undefined
      parts.push(part)
    }
    return { kind, parts }
  }

  #operand(depth: number): Dependency | undefined {
    this.#skipSpace()
    if (this.#text.charAt(this.#at) === '(') return this.group(depth + 1)
    const name = this.#word()
    if (name === '') return undefined
    const before = this.#at
    const sense = comparisons[this.#word()]
    if (sense !== undefined) return { kind: 'one', capability: { name, sense, evr: this.#word() } }
    this.#at = before
    return { kind: 'one', capability: { name, sense: 0, evr: '' } }
  }

  /** Undefined at the end of a group; a word that is no operator is left for what comes next to fail at. */
  #operator(): 'and' | 'or' | 'with' | 'without' | 'if' | 'unless' | 'else' | undefined {
    const before = this.#at
    const word = this.#word()
    switch (word) {
      case 'and':
      case 'or':
      case 'with':
      case 'without':
      case 'if':
      case 'unless':
      case 'else':
        return word
      default:
        this.#at = before
        return undefined
    }
  }

  /** Up to white space, a comma or a `)` that the word has not opened: names like `libz.so.1()(64bit)` have some of their own. */
  #word(): string {
    this.#skipSpace()
    const start = this.#at
    for (let open = 0; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text.charAt(this.#at)
      if (character === ')' && open === 0) break
      if (/[\s,]/.test(character)) break
      if (character === '(') open += 1
      if (character === ')') open -= 1
    }
    return this.#text.slice(start, this.#at)
  }

  #take(character: string): boolean {
    this.#skipSpace()
    if (this.#text.charAt(this.#at) !== character) return false
    this.#at += 1
    return true
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1
  }
}
