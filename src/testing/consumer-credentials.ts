import type { IssuedCertificate } from '../core/certificate.ts'
import { memoryAuthority } from './memory-authority.ts'

/** One authority for a test process, since making keys takes time; and the credential of a consumer, key and certificate in PEM. */
export const consumerAuthority = memoryAuthority()

const issued = new Map<string, Promise<IssuedCertificate>>()

export async function consumerPem(id: string): Promise<string> {
  const made = issued.get(id) ?? consumerAuthority.issue({ kind: 'consumer', id })
  issued.set(id, made)
  const { key, certificate } = await made
  return `${key}\n${certificate}`
}
