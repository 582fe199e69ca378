import type { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OwnAuthority } from '../certificates/own-authority.ts'
import { readCertificates } from '../certificates/read-certificates.ts'
import type { CertificateAuthority } from '../core/certificate.ts'
import { PostgresAuthorityStore } from '../database/authority/postgres-authority-store.ts'
import type { Database } from '../database/connection.ts'
import { sealingKey } from '../database/resources/sealing-key.ts'
import { Sealer } from '../operations/resources/sealer.ts'
import type { Config } from './config.ts'

/** The authority of this installation; its certificate is kept in the data folder too, for operators to hand out. */
export function authorityOf(config: Config, database: Database): CertificateAuthority {
  return new OwnAuthority({
    store: new PostgresAuthorityStore(database),
    sealer: async () => new Sealer(await sealingKey(database)),
    trusted: trustedAuthorities(config.tlsClientCa),
    opened: (certificate) => keepCopy(join(tlsFolder(config), 'ca.pem'), certificate),
  })
}

/** Read whenever somebody has to be identified: the file may be replaced. While it cannot be used, those of before are trusted. */
export function trustedAuthorities(path: string | undefined): () => Promise<readonly X509Certificate[]> {
  let known: readonly X509Certificate[] = []
  return async () => {
    if (path !== undefined)
      known = await readFile(path, 'utf8')
        .then(readCertificates)
        .catch(() => known)
    return known
  }
}

/** What belongs to TLS on this machine. */
export function tlsFolder(config: Config): string {
  return join(config.dataDir, 'tls')
}

/** Several processes may write the same at once, each by a name of its own. */
async function keepCopy(path: string, text: string): Promise<void> {
  const known = await readFile(path, 'utf8').catch(() => undefined)
  if (known === text) return
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.new`
  await writeFile(temporary, text)
  await rename(temporary, path)
}
