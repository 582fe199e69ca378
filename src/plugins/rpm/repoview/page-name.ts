import { createHash } from 'node:crypto'

/** Beyond this file systems take no name. */
const longest = 150

/**
 * The file name of the page about something, without its ending: different names give different ones, and each can stand in a path and
 * in a URL as it is. `=` and two digits stand for a byte that cannot.
 */
export function pageName(name: string): string {
  const safe = [...Buffer.from(name)].map((byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9._+-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`
  })
  const whole = safe.join('')
  if (whole.length <= longest) return whole
  return `${whole.slice(0, 80)}=${createHash('sha256').update(name).digest('hex')}`
}
