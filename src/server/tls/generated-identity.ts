import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { readCertificates } from '../../certificates/read-certificates.ts'
import type { CertificateAuthority } from '../../core/certificate.ts'
import type { Log } from '../../core/log.ts'
import type { Config } from '../config.ts'

export interface GeneratedIdentityOptions {
  readonly authority: CertificateAuthority
  /** Of the certificate with its key, in the data folder. */
  readonly path: string
  /** Host names and addresses that it is for. */
  readonly names: readonly string[]
  readonly log: Log
  readonly now?: () => Date
}

/** A certificate is made anew when this much of its life is left. */
const renewedMs = 60 * 24 * 3600 * 1000
const checkedMs = 3600 * 1000

/**
 * Sees to it that there is a certificate of our own authority for this machine: it is made where there is none, where the one
 * that is there is for other names or of another authority, and long before it ends. Returns true when it was made now.
 */
export async function ensureIdentity(options: GeneratedIdentityOptions): Promise<boolean> {
  const { authority, path, names, log, now = () => new Date() } = options
  const own = new X509Certificate(await authority.certificate())
  const found = await readLeaf(path)
  if (found !== undefined && isGood(found, own, names, now())) return false
  const { key, certificate } = await authority.issueForServer(names)
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.new`
  await writeFile(temporary, `${key}${certificate}`, { mode: 0o600, flush: true })
  await chmod(temporary, 0o600)
  await rename(temporary, path)
  log.info('a TLS certificate was made', { names: [...names], path })
  return true
}

/** Looks every hour whether it has to be renewed. */
export function keepIdentity(options: GeneratedIdentityOptions): { stop(): void } {
  const timer = setInterval(() => {
    ensureIdentity(options).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      options.log.error('the TLS certificate could not be renewed', { reason })
    })
  }, checkedMs).unref()
  return { stop: () => clearInterval(timer) }
}

/** Those of the settings, else what this machine is reached by, as far as it knows. */
export function identityNames({ tlsNames, httpHost, httpUrl }: Pick<Config, 'tlsNames' | 'httpHost' | 'httpUrl'>) {
  if (tlsNames.length > 0) return tlsNames
  const url = httpUrl !== undefined && URL.canParse(httpUrl) ? new URL(httpUrl).hostname.replace(/^\[|\]$/g, '') : ''
  const listening = /^(?:0\.0\.0\.0|::)$/.test(httpHost) ? '' : httpHost
  const all = [url, hostname(), listening, 'localhost', '127.0.0.1', '::1']
  return [...new Set(all.filter((name) => name !== ''))]
}

async function readLeaf(path: string): Promise<X509Certificate | undefined> {
  try {
    return readCertificates(await readFile(path, 'utf8'))[0]
  } catch {
    return undefined
  }
}

function isGood(found: X509Certificate, own: X509Certificate, names: readonly string[], now: Date): boolean {
  if (!found.checkIssued(own) || !found.verify(own.publicKey)) return false
  if (found.validToDate.getTime() - now.getTime() < renewedMs) return false
  return names.every((name) => (isIP(name) === 0 ? found.checkHost(name) : found.checkIP(name)) !== undefined)
}
