import type { X509Certificate } from 'node:crypto'
import type { Protocol } from './server-addresses.ts'

/** On which protocols a publication answers where the server has both, and to whom (DESIGN §5). */
export interface PublicationAccess {
  readonly http: boolean
  readonly https: boolean
  /**
   * PEM of authorities: who is not vouched for by one of them sees nothing, and nothing goes over plain HTTP, where nobody can be.
   * Null: everybody is welcome.
   */
  readonly clientAuthority: string | null
}

/** Somebody who asks for content. */
export interface Visitor {
  readonly protocol: Protocol
  /** What was shown on the connection: the visitor's own certificate first, then others of its chain. Looked at for protected content only. */
  chain(): readonly X509Certificate[]
}

/** Why a visitor may not see something, in words for him; undefined when he may. */
export type ClientCheck = (chain: readonly X509Certificate[], authority: string, path: string) => string | undefined
