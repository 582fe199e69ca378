import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError } from './cli-error.ts'
import { isLoopback, localTokenFile } from './connection.ts'
import type { Surroundings } from './surroundings.ts'

type Trusting = Pick<Surroundings, 'cwd' | 'environment' | 'trust'>

/**
 * Trusts the authorities of a file, of `--ca` or DECKLE_CA, beside the usual ones; without either those of a server of this clone, if
 * it is asked over TLS on this machine. Throws CliError for a file that holds none.
 */
export function trustAuthorities({ cwd, environment, trust }: Trusting, chosen: string | undefined): void {
  const path = chosen ?? (environment['DECKLE_CA'] || localAuthority(environment, cwd))
  if (path === undefined) return
  const pem = readPem(path)
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new CliError(`${path} holds no certificate in PEM form`, 2)
  try {
    trust(pem)
  } catch (error) {
    throw new CliError(`${path} cannot be used: ${error instanceof Error ? error.message : error}`, 2)
  }
}

function localAuthority(environment: Trusting['environment'], cwd: string): string | undefined {
  const address = URL.parse(environment['DECKLE_URL'] ?? '')
  if (address?.protocol !== 'https:' || !isLoopback(address.hostname)) return undefined
  const path = join(dirname(localTokenFile(environment, cwd)), 'tls', 'ca.pem')
  return existsSync(path) ? path : undefined
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new CliError(`the authorities to trust cannot be read from ${path}: ${reason}`, 2)
  }
}
