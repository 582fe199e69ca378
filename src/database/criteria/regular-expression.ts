import { DeckleError } from '../../core/errors.ts'

const maxLength = 1000
/** PostgreSQL's own bound of a repetition. */
const maxRepetitions = 255
/** Repetitions are built out by the database; more states than this are refused. */
const maxStates = 5000

/**
 * A regular expression as MongoDB takes it (PCRE), for PostgreSQL's `~` (an ARE). What PostgreSQL does not have, or cannot do in
 * bounded time (back references), is kind `invalid`, code `bad-criteria`. `options` are letters of `ims`. For texts in the
 * collation "C", where the names of classes mean ASCII as in PCRE.
 */
export function toPostgresPattern(pattern: string, options = ''): string {
  if (pattern.length > maxLength) throw refused(`it is longer than ${maxLength} characters`)
  const [inline, body] = splitInlineFlags(pattern)
  const flags = new Set(options + inline)
  for (const flag of flags) if (!'ims'.includes(flag)) throw refused(`the option ${flag} is not supported`)
  // `w` lets ^ and $ match at every line, `s` at the ends of the text only; the dot is spelled out instead.
  const prefix = `(?${flags.has('i') ? 'i' : ''}${flags.has('m') ? 'w' : 's'})`
  return `${prefix}(?:${new Translation(body, flags).run()})`
}

function splitInlineFlags(pattern: string): readonly [flags: string, body: string] {
  const match = /^\(\?([a-z]+)\)/.exec(pattern)
  return match === null ? ['', pattern] : [match[1] ?? '', pattern.slice(match[0].length)]
}

/** Escapes that mean something else, or are spelled otherwise, in PostgreSQL. */
const escapes: Readonly<Record<string, string>> = {
  b: '\\y',
  B: '\\Y',
  A: '\\A',
  z: '\\Z',
  Z: '(?=\\n?\\Z)',
  h: '[ \\t\\u00a0]',
  v: '[\\n\\v\\f\\r\\u0085\\u2028\\u2029]',
  N: '[^\\n]',
  R: '(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])',
}
const sameEscapes = 'dDwWsSnrtfae'

/** One pass over a pattern. */
class Translation {
  readonly #pattern: string
  readonly #flags: ReadonlySet<string>
  #at = 0
  /** States of each group that is open, outermost first, and of the last thing in it. */
  readonly #open = [{ states: 0, last: 0 }]

  constructor(pattern: string, flags: ReadonlySet<string>) {
    this.#pattern = pattern
    this.#flags = flags
  }

  run(): string {
    let text = ''
    while (this.#at < this.#pattern.length) text += this.#next()
    return text
  }

  #next(): string {
    const character = this.#take(1)
    if (character === '(') return this.#group()
    if (character === ')') return this.#groupEnd()
    if (character === '{') return this.#repetition()
    if ('*+?'.includes(character)) return character + this.#afterQuantifier()
    this.#add(1)
    if (character === '\\') return this.#escape()
    if (character === '[') return this.#class()
    if (character === '.') return this.#flags.has('s') ? '.' : '[^\\n]'
    if (character === '$') return this.#end()
    const cases = this.#casesOf(character)
    return cases.length === 1 ? character : `[${cases}]`
  }

  /** Of the text, or before a line feed at its end; of every line with `m`. */
  #end(): string {
    if (this.#flags.has('m')) return '$'
    this.#add(2)
    return '(?=\\n?\\Z)'
  }

  /** The collation "C" knows no case but that of ASCII. */
  #casesOf(character: string): string {
    if (!this.#flags.has('i') || character <= '\x7f') return character
    const cases = [character, character.toLowerCase(), character.toUpperCase()]
    return [...new Set(cases.filter((one) => one.length === 1))].join('')
  }

  #escape(): string {
    const character = this.#take(1)
    if (character === '') throw refused('it ends in a backslash')
    if (character === 'x') return this.#hexadecimal()
    if (sameEscapes.includes(character)) return `\\${character}`
    const other = escapes[character]
    if (other !== undefined) return other
    if (/[A-Za-z0-9]/.test(character)) throw refused(`\\${character} is not supported`)
    return `\\${character}`
  }

  /** `\x41` and `\x{1F600}`; PostgreSQL's own `\x` would take digits without end. */
  #hexadecimal(): string {
    const match = /^(?:\{([0-9a-f]{1,6})\}|([0-9a-f]{1,2}))/i.exec(this.#rest())
    const code = Number.parseInt(match?.[1] ?? match?.[2] ?? '0', 16)
    if (match === null || code === 0 || code > 0x10ffff) throw refused('\\x needs a character')
    this.#at += match[0].length
    return `\\U${code.toString(16).padStart(8, '0')}`
  }

  #class(): string {
    let text = '['
    if (this.#rest().startsWith('^')) text += this.#take(1)
    if (this.#rest().startsWith(']')) text += `\\${this.#take(1)}`
    for (;;) {
      const character = this.#take(1)
      if (character === '') throw refused('a bracket is not closed')
      if (character === ']') return `${text}]`
      if (character === '\\') text += this.#classEscape()
      else if (character === '[') text += this.#classBracket()
      else text += this.#isRange() ? character : this.#casesOf(character)
    }
  }

  /** At the dash of a range, or behind it. */
  #isRange(): boolean {
    return this.#rest().startsWith('-') || this.#pattern[this.#at - 2] === '-'
  }

  #classEscape(): string {
    const character = this.#take(1)
    if (character === 'x') return this.#hexadecimal()
    if ('dwsnrtfaeb'.includes(character) || /[^A-Za-z0-9]/.test(character)) return `\\${character}`
    throw refused(`\\${character} is not supported inside brackets`)
  }

  /** A named class stays; any other bracket inside brackets is just a character. */
  #classBracket(): string {
    const name = /^:\^?[a-z]+:\]/.exec(this.#rest())?.[0]
    return name === undefined ? '\\[' : `[${this.#take(name.length)}`
  }

  #group(): string {
    this.#open.push({ states: 0, last: 0 })
    if (this.#rest().startsWith('*')) throw refused('verbs are not supported')
    if (!this.#rest().startsWith('?')) return '(?:'
    const kind = /^\?(?:[:=!]|<[=!])/.exec(this.#rest())?.[0]
    if (kind !== undefined) return `(${this.#take(kind.length)}`
    const name = /^\?P?<[A-Za-z_]\w*>/.exec(this.#rest())?.[0]
    if (name === undefined) throw refused('a group of this kind is not supported')
    this.#take(name.length)
    return '(?:'
  }

  #groupEnd(): string {
    const group = this.#open.length > 1 ? this.#open.pop() : undefined
    if (group === undefined) throw refused('a group is closed that was not opened')
    this.#add(group.states)
    return ')'
  }

  #repetition(): string {
    const bounds = /^(\d+)(,(\d*))?\}/.exec(this.#rest())
    if (bounds === null) return '\\{'
    const most = Math.max(Number(bounds[1]), Number(bounds[3] ?? 0))
    if (most > maxRepetitions) throw refused(`it repeats more than ${maxRepetitions} times`)
    this.#add((this.#open.at(-1)?.last ?? 0) * Math.max(most - 1, 0))
    return `{${this.#take(bounds[0].length)}${this.#afterQuantifier()}`
  }

  /** Counts what the database will build for the part that was just read. */
  #add(states: number): void {
    const group = this.#open.at(-1)
    if (group === undefined) return
    group.states += states
    group.last = states
    if (group.states > maxStates) throw refused('it repeats too much')
  }

  #afterQuantifier(): string {
    if (this.#rest().startsWith('+')) throw refused('possessive quantifiers are not supported')
    return this.#rest().startsWith('?') ? this.#take(1) : ''
  }

  #take(count: number): string {
    const taken = this.#pattern.slice(this.#at, this.#at + count)
    this.#at += count
    return taken
  }

  #rest(): string {
    return this.#pattern.slice(this.#at)
  }
}

function refused(reason: string): DeckleError {
  return new DeckleError('invalid', `The regular expression cannot be used: ${reason}`, {
    code: 'bad-criteria',
    fields: ['criteria'],
  })
}
