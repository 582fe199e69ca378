import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Connection, Credentials } from '../clients/http-connection.ts'
import { defaultDataFolder } from '../places/data-folder.ts'
import { CliError } from './cli-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface ConnectionChoice {
  readonly connection: Connection
  /** Where the credentials come from, for people: `the token in DECKLE_TOKEN`. Never the secret itself. */
  readonly identity: string
}

const defaultUrl = 'http://127.0.0.1:8080'
const tokenName = 'cli-token'

/**
 * Decides which server is asked and who asks: DECKLE_TOKEN, else user and password in DECKLE_URL, else the token that
 * a server of this clone left in its data folder. The last is only for a server on this machine: a token never goes
 * to another one because of a changed address. Throws CliError for an address that cannot be used.
 */
export function chooseConnection(environment: Environment, tokenFile: string): ConnectionChoice {
  const address = parseAddress(environment['DECKLE_URL'] || defaultUrl)
  const token = environment['DECKLE_TOKEN']?.trim()
  if (token) return choice(address, { token }, 'the token in DECKLE_TOKEN')
  if (address.username !== '') return choice(address, fromUrl(address), 'user and password of DECKLE_URL')
  if (!isLoopback(address.hostname)) return choice(address, undefined, 'no credentials (DECKLE_TOKEN is not set)')
  return withLocalToken(address, tokenFile)
}

/** The file in which the server leaves a token for the command line of the same machine: in DECKLE_DATA_DIR, else in the default data folder. */
export function localTokenFile(environment: Environment, cwd: string): string {
  const chosen = environment['DECKLE_DATA_DIR']
  return join(chosen ? resolve(cwd, chosen) : defaultDataFolder(environment), tokenName)
}

function parseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new CliError('DECKLE_URL must be an address such as http://127.0.0.1:8080', 2)
}

function withLocalToken(address: URL, file: string): ConnectionChoice {
  if (!existsSync(file))
    return choice(address, undefined, `no credentials (DECKLE_TOKEN is not set, ${file} does not exist)`)
  try {
    return choice(address, { token: readFileSync(file, 'utf8').trim() }, `the token in ${file}`)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return choice(address, undefined, `no credentials (${file}: ${reason})`)
  }
}

function choice(address: URL, credentials: Credentials | undefined, identity: string): ConnectionChoice {
  const connection = credentials === undefined ? { url: address.origin } : { url: address.origin, credentials }
  return { connection, identity }
}

function fromUrl(address: URL): Credentials {
  return { username: decodeURIComponent(address.username), password: decodeURIComponent(address.password) }
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
