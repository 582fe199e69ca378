import type { PublicFile } from '../kit/public-file.ts'
import type { PulpServices } from './services.ts'

/** The public key of signed metadata, for `gpgkey=` of hosts; an extension. */
export function signingKeyFile({ signer }: Pick<PulpServices, 'signer'>): PublicFile {
  return {
    path: '/pulp/static/metadata_pub.key',
    type: 'application/pgp-keys',
    read: async () => Buffer.from(await signer.publicKey()),
  }
}
