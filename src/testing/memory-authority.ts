import { OwnAuthority, type OwnAuthorityOptions } from '../certificates/own-authority.ts'
import type { AuthorityStore, StoredAuthority } from '../core/certificate.ts'

/** Keeps an authority in memory. */
export class MemoryAuthorities implements AuthorityStore {
  stored: StoredAuthority | undefined
  /** Whether it fails. */
  away = false

  async find() {
    if (this.away) throw new Error('away')
    return this.stored
  }

  async keep(made: StoredAuthority) {
    this.stored ??= made
    return this.stored
  }
}

/** A real authority; nothing is made before somebody needs it. `clock` may be moved. */
export function memoryAuthority(options: Partial<OwnAuthorityOptions> = {}) {
  const sealer = {
    seal: (secret: string) => Buffer.from(secret).toString('base64'),
    open: (sealed: string) => Buffer.from(sealed, 'base64').toString(),
  }
  return new OwnAuthority({ store: new MemoryAuthorities(), sealer: async () => sealer, ...options })
}
