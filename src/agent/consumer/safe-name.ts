import { createHash } from 'node:crypto'

/** With these, two names and an ending stay below the 255 bytes of a file's name. */
const longest = 110

/** As the name of one file: no folder, not hidden, no two names the same, and nothing that a URL would escape. */
export function safeName(name: string): string {
  const hex = (unit: string) => `=${unit.charCodeAt(0).toString(16)}=`
  const escaped = name.replaceAll(/[^\w.-]/g, hex).replace(/^\./, hex)
  if (escaped.length <= longest) return escaped
  return `${escaped.slice(0, longest - 33)}=${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}
