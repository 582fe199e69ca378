import type { Query } from '../request/query.ts'
import type { Urls } from '../request/urls.ts'
import type { Role } from './role.ts'

/** Who looks at resources, and what is known for all that are shown at once. */
export interface View {
  readonly role: Role
  /** Ids are shown as bare numbers (`_plainId`). */
  readonly plainIds: boolean
  readonly urls: Urls
  readonly query: Query
  /** Pull task → host name → how far it is. */
  readonly statuses: ReadonlyMap<number, Readonly<Record<string, string>>>
}
