import { ByteReader } from '../byte-reader.ts'
import { FormatError } from '../format-error.ts'
import type { Bytes } from '../transformed.ts'
import { entryBytes } from './header-entries.ts'
import { RpmHeader } from './rpm-header.ts'

/** What stands in front of a package's payload. */
export interface PackageHead {
  readonly signature: RpmHeader
  readonly header: RpmHeader
  /** Where the header begins and ends in the file, bytes. */
  readonly headerRange: { readonly start: number; readonly end: number }
}

export const leadBytes = 96
const leadMagic = Buffer.from([0xed, 0xab, 0xee, 0xdb])
/** A delta package that names its files by themselves (deltarpm's `-r`); others begin like packages. */
const deltaMagic = Buffer.from('drpm')
const sectionMagic = Buffer.from([0x8e, 0xad, 0xe8, 0x01])
const introBytes = 16

/** The index and the data of a header; rpm itself takes no more entries, and no more than four times the data. */
const maxEntries = 0xffff
const maxDataBytes = 64 * 1024 ** 2

/**
 * Reads lead, signature header and header from the beginning of a package, and no more. Throws a FormatError when it is none, is cut
 * off, or has more in it than a package can have. Never holds more than the file really has.
 */
export async function readPackageHead(source: Bytes): Promise<PackageHead> {
  const reader = new ByteReader(source)
  try {
    requireLead(await reader.take(leadBytes))
    const signature = await readSection(reader, 'signature')
    const padding = (8 - (signature.bytes % 8)) % 8
    await reader.take(padding)
    const start = leadBytes + signature.bytes + padding
    const { header, bytes } = await readSection(reader, 'header')
    return { signature: signature.header, header, headerRange: { start, end: start + bytes } }
  } finally {
    await reader.close()
  }
}

function requireLead(lead: Buffer): void {
  const magic = lead.subarray(0, 4)
  if (magic.equals(deltaMagic)) throw new FormatError('malformed', 'it is a delta of a package (drpm), no package')
  if (!magic.equals(leadMagic)) throw new FormatError('malformed', 'it does not begin as an RPM package does')
}

async function readSection(reader: ByteReader, what: string): Promise<{ header: RpmHeader; bytes: number }> {
  const intro = await reader.take(introBytes)
  if (!intro.subarray(0, 4).equals(sectionMagic))
    throw new FormatError('malformed', `its ${what} does not begin as one`)
  const [entries, size] = [intro.readUInt32BE(8), intro.readUInt32BE(12)]
  if (entries > maxEntries || size > maxDataBytes) {
    const limits = `at most ${maxEntries} and ${maxDataBytes} are read`
    throw new FormatError('too-large', `its ${what} has ${entries} tags in ${size} bytes; ${limits}`)
  }
  const index = await reader.take(entries * entryBytes)
  return { header: new RpmHeader(index, await reader.take(size)), bytes: introBytes + index.length + size }
}
