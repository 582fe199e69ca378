import type { MetadataSigner, SigningKeyStore, StoredSigningKey } from '../core/metadata-signer.ts'
import { OwnSigner, type OwnSignerOptions } from '../signing/own-signer.ts'

/** Keeps a signing key in memory. */
export class MemorySigningKeys implements SigningKeyStore {
  stored: StoredSigningKey | undefined
  /** Whether it fails. */
  away = false

  async find() {
    if (this.away) throw new Error('away')
    return this.stored
  }

  async keep(made: StoredSigningKey) {
    this.stored ??= made
    return this.stored
  }
}

/** A real signer; nothing is made before somebody needs it. */
export function memorySigner(options: Partial<OwnSignerOptions> = {}): OwnSigner {
  const sealer = {
    seal: (secret: string) => Buffer.from(secret).toString('base64'),
    open: (sealed: string) => Buffer.from(sealed, 'base64').toString(),
  }
  return new OwnSigner({ store: new MemorySigningKeys(), sealer: async () => sealer, ...options })
}

/** Says whose signature it would be, and of what. */
export const plainSigner: MetadataSigner = {
  publicKey: async () => 'the public key\n',
  sign: async (bytes) => `signed: ${Buffer.from(bytes)}`,
}
