/** The list of files in a file repository: a CSV without header, `name,sha256,size` per line (pulp2-types §7). */
export const manifestName = 'PULP_MANIFEST'

export interface ManifestEntry {
  /** Relative path below the feed. */
  readonly name: string
  /** sha256, lower-case hexadecimal. */
  readonly checksum: string
  /** Bytes. */
  readonly size: number
}

export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

/**
 * Reads a manifest. Lines are taken apart from the right, because writers that know no CSV leave commas in names as they are;
 * names in CSV quotes are understood too. Equal lines count once. Throws a ManifestError that names the line.
 */
export function parseManifest(text: string): readonly ManifestEntry[] {
  const entries = new Map<string, ManifestEntry>()
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  lines.forEach((line, index) => {
    if (line === '') return
    const entry = parseLine(line, index + 1)
    const earlier = entries.get(entry.name)
    if (earlier !== undefined && (earlier.checksum !== entry.checksum || earlier.size !== entry.size)) {
      throw new ManifestError(`line ${index + 1} of ${manifestName} names ${entry.name} again with other content`)
    }
    entries.set(entry.name, entry)
  })
  return [...entries.values()]
}

/** The line of an entry, with the CR LF that ends it. */
export function printManifestLine({ name, checksum, size }: ManifestEntry): string {
  const needsQuotes = /[",]/.test(name)
  return `${needsQuotes ? `"${name.replaceAll('"', '""')}"` : name},${checksum},${size}\r\n`
}

function parseLine(line: string, number: number): ManifestEntry {
  const fields = /^(.*),\s*([0-9a-f]{64})\s*,\s*(\d{1,15})\s*$/is.exec(line)
  if (fields === null) throw new ManifestError(`line ${number} of ${manifestName} is not name,sha256,size`)
  const [, name = '', checksum = '', size = ''] = fields
  const entry = { name: unquote(name), checksum: checksum.toLowerCase(), size: Number(size) }
  const fault = nameFault(entry.name)
  if (fault !== undefined) throw new ManifestError(`line ${number} of ${manifestName}: the name ${fault}`)
  return entry
}

function unquote(name: string): string {
  const quoted = /^"((?:[^"]|"")*)"$/s.exec(name)
  return quoted?.[1] === undefined ? name : quoted[1].replaceAll('""', '"')
}

/** What is wrong with a name, if anything: names become paths of published files and of URLs, so they may not lead anywhere else. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (name === manifestName) return `is ${manifestName} itself`
  if (name.startsWith('/')) return 'is an absolute path'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be refused
  if (/[\u0000-\u001f\u007f\\]/.test(name)) return 'holds backslashes or control characters'
  const odd = name.split('/').some((part) => part === '' || part === '.' || part === '..')
  return odd ? 'holds an empty part, "." or ".."' : undefined
}
