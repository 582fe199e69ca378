import { ElementFields } from './element-fields.ts'

/** Dependencies and files follow it, which take most of the room and are not looked at. */
const lastOfHead = 'rpm:header-range'

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
  const fields = new ElementFields(snippet, lastOfHead)
  // In the order in which they stand, which spares the search from starting anew.
  const name = fields.text('name').trim()
  const arch = fields.text('arch').trim()
  const version = fields.startTag('version')
  const checksum = fields.startTag('checksum')
  const digest = fields.text('checksum').trim()
  const summary = fields.text('summary')
  const description = fields.text('description')
  const url = fields.text('url')
  const time = fields.startTag('time')
  const size = fields.startTag('size')
  const location = fields.tag('location')
  const ver = fields.attribute(version, 'ver')
  const href = fields.attribute(location?.text ?? '', 'href')
  if (!location?.closed || !name || !arch || !ver || !href || !digest) return undefined
  const license = fields.text('rpm:license')
  const vendor = fields.text('rpm:vendor')
  const group = fields.text('rpm:group')
  const buildHost = fields.text('rpm:buildhost')
  const sourceRpm = fields.text('rpm:sourcerpm')
  const header = fields.startTag(lastOfHead)
  return {
    name,
    arch,
    epoch: fields.attribute(version, 'epoch') || '0',
    version: ver,
    release: fields.attribute(version, 'rel') ?? '',
    checksumType: fields.attribute(checksum, 'type') ?? '',
    checksum: digest,
    summary,
    description,
    url,
    fileTime: toNumber(fields.attribute(time, 'file')),
    buildTime: toNumber(fields.attribute(time, 'build')),
    size: toNumber(fields.attribute(size, 'package')),
    href,
    base: fields.attribute(location.text, 'xml:base'),
    license,
    vendor,
    group,
    buildHost,
    sourceRpm,
    headerStart: toNumber(fields.attribute(header, 'start')),
    headerEnd: toNumber(fields.attribute(header, 'end')),
    locationStart: location.start,
    locationEnd: location.end,
  }
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
