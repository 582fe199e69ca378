/** What may be done to a thing, in the order that Pulp numbers them (pulp2-api §1.6). */
export const permissions = ['create', 'read', 'update', 'delete', 'execute'] as const

export type Permission = (typeof permissions)[number]

/**
 * What may be done to a resource and to everything below it. A resource is a path of the API without its prefix, with a slash at
 * both ends: `/v2/repositories/zoo/`; `/` is everything.
 */
export interface Grant {
  readonly resource: string
  readonly operations: readonly Permission[]
}

export interface UserGrant extends Grant {
  readonly login: string
}

/** Who may do what to one resource. */
export interface ResourceGrants {
  readonly key: number
  readonly created: Date
  readonly resource: string
  /** Login → what; there is nobody who may do nothing. */
  readonly users: Readonly<Record<string, readonly Permission[]>>
}

/** Who may do what. What a role gives belongs to each of its members (pulp2-api §12). */
export interface GrantStore {
  /** By resource; of one resource only, if it is given. */
  list(resource?: string): Promise<readonly ResourceGrants[]>
  /** Adds to what the user may do. Throws kind `not-found` with `login`. */
  give(grant: UserGrant): Promise<void>
  /** Also takes what a role gave. Throws kind `not-found` with `login`. */
  take(grant: UserGrant): Promise<void>
  /** Whether the user of this key may do one of `operations` to one of `resources`, as of now. */
  permits(userKey: number, resources: readonly string[], operations: readonly Permission[]): Promise<boolean>
}

/** The resource and all above it: a grant on any of them allows (pulp2-api §1.6). */
export function levelsOf(resource: string): readonly string[] {
  const segments = resource.split('/').filter((segment) => segment !== '')
  return ['/', ...segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}/`)].toReversed()
}

export const userResource = (login: string): string => `/v2/users/${login}/`
export const roleResource = (id: string): string => `/v2/roles/${id}/`
