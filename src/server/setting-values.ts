import { isIP } from 'node:net'
import { isAbsolute, resolve } from 'node:path'
import { AddressRules } from '../download/address-rules.ts'

/** How the values of settings are read; each throws a plain message that says what is wanted. */

export function text(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError('must be a text')
}

export function optionalText(value: unknown): string | undefined {
  return value === undefined || value === '' ? undefined : text(value)
}

export function folder(value: unknown): string {
  return resolve(text(value))
}

export function optionalFolder(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string' && value.includes('://')) throw new TypeError('must be a folder: buckets come later')
  return folder(value)
}

function list(value: unknown, separator: RegExp): string[] {
  const items = Array.isArray(value) ? value.map(text) : typeof value === 'string' ? value.split(separator) : undefined
  if (items === undefined) throw new TypeError('must be a list')
  return items.map((item) => item.trim()).filter((item) => item !== '')
}

export function folders(value: unknown): readonly string[] {
  return list(value, /:/).map((item) => resolve(item))
}

/** Absolute, so that it does not matter where the server is started. */
export function modules(value: unknown): readonly string[] {
  const paths = list(value, /:/)
  if (paths.every((path) => isAbsolute(path))) return paths
  throw new TypeError('must be absolute paths')
}

export function words(value: unknown): readonly string[] {
  return list(value, /,/)
}

/** Hosts, addresses and networks; checked here, where the setting can be named, although only workers use them. */
export function addresses(value: unknown): readonly string[] {
  const entries = words(value)
  new AddressRules(entries)
  return entries
}

export function count(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number
  throw new TypeError('must be a whole number')
}

export function positive(value: unknown): number {
  const number = count(value)
  if (number > 0) return number
  throw new TypeError('must be a whole number from 1 on')
}

export function port(value: unknown): number {
  const number = count(value)
  if (number <= 65_535) return number
  throw new TypeError('must be a port number, 0 to 65535')
}

export function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && /^(true|on|1|yes)$/i.test(value)) return true
  if (typeof value === 'string' && /^(false|off|0|no|)$/i.test(value)) return false
  throw new TypeError('must be true or false')
}

export function optionalFlag(value: unknown): boolean | undefined {
  return value === undefined ? undefined : flag(value)
}

/** Addresses and networks of proxies, all, or none. */
export function proxies(value: unknown): boolean | readonly string[] {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && /^(true|false|on|off|yes|no|)$/i.test(value)) return flag(value)
  const entries = words(value)
  if (entries.length > 0 && entries.every(isNetwork)) return entries
  throw new TypeError('must be true, false, or addresses and networks like 10.0.0.0/8')
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

export const roleNames = ['api', 'content', 'worker'] as const
export type Role = (typeof roleNames)[number]

export function roles(value: unknown): ReadonlySet<Role> {
  const names = words(value)
  const wrong = names.find((name) => !(roleNames as readonly string[]).includes(name))
  if (wrong !== undefined || names.length === 0) throw new TypeError(`must be some of ${roleNames.join(', ')}`)
  return new Set(names as Role[])
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const

export function logLevel(value: unknown): (typeof logLevels)[number] {
  const level = logLevels.find((name) => name === value)
  if (level === undefined) throw new TypeError(`must be one of ${logLevels.join(', ')}`)
  return level
}
