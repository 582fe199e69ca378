import { escapeAttribute, escapeText } from '../formats/xml-text.ts'

/** What matters of a package to those that depend on it; of release 1. Capabilities as `name >= 1`, versions without release. */
export interface TestPackage {
  readonly name: string
  readonly version?: string
  readonly arch?: string
  readonly provides?: readonly string[]
  readonly requires?: readonly string[]
  readonly files?: readonly string[]
}

const flags: Readonly<Record<string, string>> = { '=': 'EQ', '<': 'LT', '<=': 'LE', '>': 'GT', '>=': 'GE' }

/** Its element in primary, as far as dependencies go. */
export function packageElement({ name, version = '1', provides = [], requires = [], files = [] }: TestPackage): string {
  const own = `<rpm:entry name="${name}" flags="EQ" epoch="0" ver="${version}" rel="1"/>`
  const provided = `<rpm:provides>${own}${provides.map(entry).join('')}</rpm:provides>`
  const required = requires.length === 0 ? '' : `<rpm:requires>\n${requires.map(entry).join('\n')}\n</rpm:requires>`
  const listed = files.map((path) => `<file>${escapeText(path)}</file>`).join('')
  return `<package type="rpm"><name>${name}</name><format>${provided}${required}${listed}</format></package>`
}

function entry(text: string): string {
  const [, name = '', sign = '', version = ''] = /^([^ (]+)(?: ([<=>]+) (.+))?$/.exec(text) ?? [text, text]
  const range = sign === '' ? '' : ` flags="${flags[sign]}" epoch="0" ver="${version}"`
  return `<rpm:entry name="${escapeAttribute(name)}"${range}/>`
}
