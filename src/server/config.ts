import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { load } from 'js-yaml'
import { invalid } from '../core/errors.ts'
import { isJsonObject } from '../core/json.ts'
import type { Setting } from './settings/setting.ts'
import { otherPrefixes, otherVariables, settings } from './settings.ts'

type Settings = typeof settings

/** All settings, read once, frozen; slices of it are handed down. */
export type Config = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer Value> ? Value : never
} & {
  /** Settings that somebody has written, whatever their values are. */
  readonly given: ReadonlySet<keyof Settings>
}

/**
 * Settings from the file that DECKLE_CONFIG names, then from the environment, which wins. Throws kind `invalid` that names
 * every unknown key and every bad value; values are never printed, they may be secrets.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const file = environment['DECKLE_CONFIG']
  const written = file === undefined || file === '' ? new Map<string, unknown>() : readSettingsFile(file)
  const faults = [...unknownKeys(written, file), ...unknownVariables(environment)]
  const isGiven = ({ environment: name, key }: Setting<unknown>) => environment[name] !== undefined || written.has(key)
  const given = new Set(Object.entries(settings).flatMap(([name, setting]) => (isGiven(setting) ? [name] : [])))
  const entries = Object.entries(settings).map(([name, setting]) => {
    const value = environment[setting.environment] ?? written.get(setting.key) ?? setting.fallback
    try {
      return [name, setting.read(value)]
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      faults.push(`${setting.environment} (${setting.key}) ${reason}`)
      return [name, undefined]
    }
  })
  const values = Object.fromEntries(entries)
  if (faults.length === 0) faults.push(...contradictions(values))
  if (faults.length > 0) throw invalid(`the settings are wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  return Object.freeze({ ...values, given }) as Config
}

/** Nodes serve a publication from memory for up to ten seconds after its grace, and read its files until then. */
const servedFromMemorySeconds = 10

function contradictions(values: Readonly<Record<string, unknown>>): string[] {
  return [...shortGrace(values), ...openToAll(values), ...unpairedKeys(values)]
}

function shortGrace({ blobGrace, publicationGrace }: Readonly<Record<string, unknown>>): string[] {
  if (Number(blobGrace) > Number(publicationGrace) + servedFromMemorySeconds) return []
  const least = `more than DECKLE_PUBLICATION_GRACE and ${servedFromMemorySeconds} s`
  return [`DECKLE_BLOB_GRACE (blobGrace) must be ${least}, or files go that are still served`]
}

/** What is open to everybody is so on this machine only, unless that is said twice (DESIGN §5). */
function openToAll({ rancherAccessControl, allowOpen, httpHost }: Readonly<Record<string, unknown>>): string[] {
  if (rancherAccessControl === true || allowOpen === true || isLoopback(String(httpHost))) return []
  return [
    `DECKLE_RANCHER_ACCESS_CONTROL (rancher.accessControl) is off, and ${httpHost} is reached by other machines: ` +
      'everybody there would be the administrator. Listen on 127.0.0.1, or say DECKLE_ALLOW_OPEN=true',
  ]
}

function unpairedKeys({ tlsCert, tlsKey }: Readonly<Record<string, unknown>>): string[] {
  const [certificates, keys] = [tlsCert, tlsKey].map((list) => (Array.isArray(list) ? list.length : 0))
  if (certificates === keys) return []
  return ['DECKLE_TLS_CERT (tls.cert) and DECKLE_TLS_KEY (tls.key) must name as many files: a key for each certificate']
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIPv4(host) && host.startsWith('127.')
}

/** Leaves of the file by their dotted keys. */
function readSettingsFile(path: string): Map<string, unknown> {
  let document: unknown
  try {
    document = load(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(`the settings file ${path} (DECKLE_CONFIG) cannot be read: ${reason}`)
  }
  const leaves = new Map<string, unknown>()
  if (document !== null && document !== undefined) collectLeaves(document, '', leaves)
  return leaves
}

function collectLeaves(value: unknown, key: string, leaves: Map<string, unknown>): void {
  if (!isJsonObject(value)) {
    leaves.set(key, value)
    return
  }
  for (const [name, child] of Object.entries(value)) collectLeaves(child, key === '' ? name : `${key}.${name}`, leaves)
}

function unknownKeys(written: ReadonlyMap<string, unknown>, file: string | undefined): string[] {
  const known = new Set(Object.values(settings).map((setting) => setting.key))
  return [...written.keys()].filter((key) => !known.has(key)).map((key) => `${file} has the unknown key ${key}`)
}

function unknownVariables(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set([...Object.values(settings).map((setting) => setting.environment), ...otherVariables])
  return Object.keys(environment)
    .filter((name) => name.startsWith('DECKLE_') && !known.has(name))
    .filter((name) => !otherPrefixes.some((prefix) => name.startsWith(prefix)))
    .map((name) => `${name} is not a setting`)
}
