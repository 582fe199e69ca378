import { FormatError } from './format-error.ts'

/** Section → key → value. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * Reads sections of `key = value` or `key: value`, as Python's configuration files have them: an indented line goes on with the value
 * before it, lines that begin with `#` or `;` are comments, and a key that comes again wins. Keys come in lower case, unless `nameOf`
 * spells them otherwise. Throws a FormatError that names the line.
 */
export function parseIni(text: string, nameOf = (key: string) => key.toLowerCase()): Ini {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  let key: string | undefined
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const title = /^\[([^\]]+)\]\s*$/.exec(line)?.[1]?.trim()
    if (title !== undefined) {
      section = sections.get(title) ?? new Map()
      sections.set(title, section)
      key = undefined
    } else if (/^\s/.test(line) && section !== undefined && key !== undefined) {
      section.set(key, `${section.get(key)}\n${line.trim()}`)
    } else {
      const separator = line.search(/[=:]/)
      if (section === undefined || separator < 1 || /^\s/.test(line)) throw malformed(index + 1)
      key = nameOf(line.slice(0, separator).trimEnd())
      section.set(key, line.slice(separator + 1).trim())
    }
  }
  return sections
}

function malformed(line: number): FormatError {
  return new FormatError('malformed', `line ${line} is neither a [section] nor key = value in one`)
}
