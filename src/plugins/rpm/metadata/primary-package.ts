import { attributeOf, decodeXml, tagEnd } from './tag-text.ts'

/** What is known of a package from its element in primary. Texts that are absent are empty. */
export interface PrimaryPackage {
  readonly name: string
  readonly arch: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  /** As it is written: `sha256`, `sha` … */
  readonly checksumType: string
  readonly checksum: string
  readonly summary: string
  readonly description: string
  readonly url: string
  /** Unix times, seconds. */
  readonly fileTime: number | undefined
  readonly buildTime: number | undefined
  /** Bytes of the package file. */
  readonly size: number | undefined
  readonly href: string
  /** Where `href` begins, if not at the repository. */
  readonly base: string | undefined
  readonly license: string
  readonly vendor: string
  readonly group: string
  readonly buildHost: string
  readonly sourceRpm: string
  /** Bytes of the file that hold its header. */
  readonly headerStart: number | undefined
  readonly headerEnd: number | undefined
  /** Where the location element stands in the snippet. */
  readonly locationStart: number
  readonly locationEnd: number
}

/**
 * Picks the fields out of a regular `<package>` of primary, without parsing it. Undefined when one that every package has is
 * not found, which means that the element is written in an unusual way or is wrong.
 */
export function readPrimaryPackage(snippet: Buffer): PrimaryPackage | undefined {
  const fields = new Fields(snippet.toString('latin1'))
  // In the order in which they stand, which spares the search from starting anew.
  const [name, arch, version] = [fields.text('name').trim(), fields.text('arch').trim(), fields.startTag('version')]
  const [checksum, digest] = [fields.startTag('checksum'), fields.text('checksum').trim()]
  const [summary, description, url] = [fields.text('summary'), fields.text('description'), fields.text('url')]
  const [time, size, location] = [fields.startTag('time'), fields.startTag('size'), fields.tag('location')]
  const [ver, href] = [attributeOf(version, 'ver'), attributeOf(location?.text ?? '', 'href')]
  if (!location?.closed || !name || !arch || !ver || !href || !digest) return undefined
  return {
    name,
    arch,
    epoch: attributeOf(version, 'epoch') || '0',
    version: ver,
    release: attributeOf(version, 'rel') ?? '',
    checksumType: attributeOf(checksum, 'type') ?? '',
    checksum: digest,
    summary,
    description,
    url,
    fileTime: toNumber(attributeOf(time, 'file')),
    buildTime: toNumber(attributeOf(time, 'build')),
    size: toNumber(attributeOf(size, 'package')),
    href,
    base: attributeOf(location.text, 'xml:base'),
    locationStart: location.start,
    locationEnd: location.end,
    ...readFormat(fields),
  }
}

function readFormat(fields: Fields) {
  const license = fields.text('rpm:license')
  const vendor = fields.text('rpm:vendor')
  const group = fields.text('rpm:group')
  const buildHost = fields.text('rpm:buildhost')
  const sourceRpm = fields.text('rpm:sourcerpm')
  const header = fields.startTag('rpm:header-range')
  const [headerStart, headerEnd] = [toNumber(attributeOf(header, 'start')), toNumber(attributeOf(header, 'end'))]
  return { license, vendor, group, buildHost, sourceRpm, headerStart, headerEnd }
}

interface Tag {
  readonly start: number
  /** Behind its `>`. */
  readonly end: number
  readonly text: string
  /** `<a/>`. */
  readonly closed: boolean
}

/** Finds elements by name; each is looked for behind the one before, since all tools write them in the same order. */
class Fields {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  tag(name: string): Tag | undefined {
    const start = this.#find(name)
    const end = start === -1 ? -1 : tagEnd(this.#text, start)
    if (end === -1) return undefined
    return { start, end: end + 1, text: this.#text.slice(start, end + 1), closed: this.#text.charAt(end - 1) === '/' }
  }

  /** The text of the element's start tag; empty without the element. */
  startTag(name: string): string {
    return this.tag(name)?.text ?? ''
  }

  text(name: string): string {
    const start = this.#find(name)
    const end = start === -1 ? -1 : tagEnd(this.#text, start)
    if (end === -1 || this.#text.charAt(end - 1) === '/') return ''
    const close = this.#text.indexOf('</', end)
    return close === -1 ? '' : decodeXml(this.#text.slice(end + 1, close))
  }

  /** `<name` followed by what ends a name; -1 without one. */
  #find(name: string): number {
    const behind = this.#findFrom(name, this.#at)
    const found = behind === -1 ? this.#findFrom(name, 0) : behind
    if (found !== -1) this.#at = found
    return found
  }

  #findFrom(name: string, from: number): number {
    const start = `<${name}`
    let at = this.#text.indexOf(start, from)
    while (at !== -1 && !/[\s/>]/.test(this.#text.charAt(at + start.length))) at = this.#text.indexOf(start, at + 1)
    return at
  }
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
