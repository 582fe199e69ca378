import { X509Certificate } from 'node:crypto'
import type { PublicFile } from '../kit/public-file.ts'
import type { PulpServices } from './services.ts'

/** The server's public key, which clients of Pulp fetch without credentials (pulp2-api §14): that of its authority. */
export function serverKeyFile({ authority }: Pick<PulpServices, 'authority'>): PublicFile {
  return {
    path: '/pulp/static/rsa_pub.key',
    type: 'text/plain; charset=utf-8',
    read: async () => {
      const { publicKey } = new X509Certificate(await authority.certificate())
      return Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))
    },
  }
}
