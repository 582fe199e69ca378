import { isUtf8 } from 'node:buffer'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be dropped
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g
const notInLatin1 = /[\u0080-\u00bf]/g

/**
 * A text of a header as createrepo_c shows it: UTF-8, or else ISO 8859-1 of which the upper control characters and signs are
 * dropped; without what no XML can hold. Absent ones are empty.
 */
export function headerText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) return ''
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const text = isUtf8(buffer) ? buffer.toString('utf8') : buffer.toString('latin1').replace(notInLatin1, '')
  return text.replace(control, '')
}
