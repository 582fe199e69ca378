import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCertificates } from '../../certificates/read-certificates.ts'
import type { CertificateAuthority } from '../../core/certificate.ts'
import { invalid } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { tlsFolder } from '../authority.ts'
import type { Config } from '../config.ts'
import { ensureIdentity, type GeneratedIdentityOptions, identityNames, keepIdentity } from './generated-identity.ts'
import { type PairOfFiles, TlsIdentities } from './tls-identities.ts'

/** TLS is on where a setting of it is given, unless `tls.enabled` says otherwise. */
export function isTlsOn({ tlsEnabled, given }: Config): boolean {
  const others = ['httpsPort', 'tlsCert', 'tlsKey', 'tlsClientCa', 'tlsNames'] as const
  return tlsEnabled ?? others.some((name) => given.has(name))
}

/** What this process proves itself with. Another one, the parent, sees to it that there is something. */
export async function openTls(config: Config, log: Log): Promise<TlsIdentities> {
  return TlsIdentities.open({ files: tlsFiles(config), log })
}

/** The files of the settings, else the one that is made. */
export function tlsFiles(config: Config): readonly PairOfFiles[] {
  const { tlsCert, tlsKey } = config
  const given = tlsCert.map((certificate, index) => ({ certificate, key: tlsKey[index] ?? certificate }))
  const made = generatedPath(config)
  return given.length > 0 ? given : [{ certificate: made, key: made }]
}

/** Makes a certificate where none is given, and renews it in time. Throws kind `invalid` for authorities that cannot be read. */
export async function prepareTls(
  config: Config,
  authority: CertificateAuthority,
  log: Log,
): Promise<{ stop(): void } | undefined> {
  await requireAuthorities(config.tlsClientCa)
  // Its certificate lies in the data folder from now on, also where another one is given.
  await authority.certificate()
  if (config.tlsCert.length > 0) return undefined
  const options: GeneratedIdentityOptions = {
    authority,
    path: generatedPath(config),
    names: identityNames(config),
    log,
  }
  await ensureIdentity(options)
  return keepIdentity(options)
}

function generatedPath(config: Config): string {
  return join(tlsFolder(config), 'server.pem')
}

async function requireAuthorities(path: string | undefined): Promise<void> {
  if (path === undefined) return
  try {
    readCertificates(await readFile(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(`DECKLE_TLS_CLIENT_CA (tls.clientCa) cannot be read: ${reason}`)
  }
}
