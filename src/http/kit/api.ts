import type { Permission } from '../../core/permission.ts'
import type { User } from '../../core/user.ts'
import type { PublicFile } from './public-file.ts'
import type { Answer, Route } from './route.ts'

/** What a request proves its caller with. */
export interface Proof {
  readonly authorization: string | undefined
  /** DER of what the client has shown on its connection. */
  readonly certificate: () => Uint8Array | undefined
}

/** An API as data: its table and what it says in its own words. */
export interface Api {
  readonly routes: readonly Route[]
  /** What everybody may read beside. */
  readonly files?: readonly PublicFile[]
  /**
   * Who is calling and whether they may do one of `wanted` on the path; throws kind `unauthenticated` or `forbidden`. Runs before
   * the body is read. Undefined for a caller who is no user.
   */
  admit(proof: Proof, wanted: readonly Permission[], path: string): Promise<User | undefined>
  printError(error: unknown, request: { readonly method: string; readonly target: string }): Answer
  /** For a path that no route has. */
  readonly unknownPath: Answer
  /** What the status line says after the number, where clients are used to other words than RFC 9110's. */
  reasonPhrase?(status: number): string
}
