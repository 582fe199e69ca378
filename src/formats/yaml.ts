import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import { FormatError } from './format-error.ts'

/** What a YAML document without types is made of. */
export type YamlText = string | readonly YamlText[] | { readonly [key: string]: YamlText }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads one YAML document, every scalar as the text that stands there (`context: 00000000` is no number). Aliases are refused: a few
 * lines of them can mean more than any memory holds. Throws a FormatError.
 */
export function parseYamlText(bytes: Uint8Array): YamlText {
  try {
    // The schema knows texts, sequences and mappings, nothing else.
    return load(utf8.decode(bytes), { schema: FAILSAFE_SCHEMA, maxAliases: 0 }) as YamlText
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : ''
    throw new FormatError('malformed', `this is not sound YAML: ${reason.slice(0, 200)}`, { cause: error })
  }
}

export function isYamlMapping(value: YamlText | undefined): value is { readonly [key: string]: YamlText } {
  return typeof value === 'object' && !Array.isArray(value)
}
