import { FormatError } from './format-error.ts'

export interface MirrorListLimits {
  /** Bytes; default 1 MiB. */
  readonly maxBytes?: number
  /** Default 10,000. */
  readonly maxLines?: number
}

/**
 * Reads a mirror list, one base URL a line and `#` before comments: http(s) URLs, best first, each once. Lines that are none,
 * and URLs with credentials, which nobody who reads a public list should send anywhere, are left out. Throws a FormatError
 * where nothing is left.
 */
export function parseMirrorList(bytes: Uint8Array, limits: MirrorListLimits = {}): readonly string[] {
  const { maxBytes = 1024 * 1024, maxLines = 10_000 } = limits
  if (bytes.length > maxBytes) throw new FormatError('too-large', `the mirror list is larger than ${maxBytes} bytes`)
  const lines = decode(bytes).split(/\r\n|\n|\r/, maxLines + 1)
  if (lines.length > maxLines) throw new FormatError('too-large', `the mirror list has more than ${maxLines} lines`)
  const urls = new Set(lines.flatMap((line) => mirrorUrl(line) ?? []))
  if (urls.size === 0) throw new FormatError('malformed', 'the mirror list names no http: or https: URL')
  return [...urls]
}

/** A web address of a mirror as it may be used: never a file:, rsync: or ftp: URL, without credentials and fragment. */
export function mirrorUrl(text: string): string | undefined {
  // A parser of URLs would read whatever follows a line that starts with a scheme.
  const url = /^\s*https?:\/\/\S+\s*$/i.test(text) ? URL.parse(text.trim()) : null
  if (url === null || url.username !== '' || url.password !== '') return undefined
  url.hash = ''
  return url.href
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new FormatError('malformed', 'the mirror list is no UTF-8 text', { cause: error })
  }
}
