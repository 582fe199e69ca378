import type { LifeAction } from '../../../core/life-cycle.ts'
import type { ResourceColumn, ResourceType } from '../../../core/resource.ts'
import type { Fields } from './field.ts'
import type { Role } from './role.ts'

/** What may be done with a type; POST belongs to the collection, PUT and DELETE to the resource. */
export type Verb = 'list' | 'get' | 'create' | 'update' | 'delete' | 'act'

/** A field that lists can be filtered by, and sorted by unless it is a member of `data`. */
export type Filterable = {
  readonly type: 'string' | 'int' | 'date' | 'enum' | 'boolean' | 'id' | `reference[${string}]`
} & (
  | { readonly column: ResourceColumn }
  | { readonly member: string }
  /** One value for all rows of a stored type. */
  | { readonly constant: (type: ResourceType) => string | null }
)

/** A link besides `self`. */
export type Link =
  /** To the one resource that this one names: its owner, or by the member of `data`. */
  | { readonly to: string; readonly one: 'owner' | { readonly member: string } }
  /** To those that name this one: it owns them, or is named in this member. */
  | { readonly to: string; readonly many: 'owned' | { readonly member: string } }
  /** To what rollouts know of it. */
  | { readonly to: string; readonly many: 'hostsOfImage' | 'pullsOfTask' }

/** A type of the Rancher API, as data: nothing else knows it by name. */
export interface TypeSchema {
  readonly id: string
  readonly plural: string
  /** The types of rows that its collection shows. */
  readonly stored: readonly ResourceType[]
  /** What `baseType` says. */
  readonly base: string
  /** `kind`, where it is the same for all. */
  readonly kind?: string
  readonly fields: Fields
  /** Per role; a role that is absent does not see the type. */
  readonly verbs: Readonly<Partial<Record<Role, readonly Verb[]>>>
  readonly filters: Readonly<Record<string, Filterable>>
  readonly links: Readonly<Record<string, Link>>
  /** Absent: it has no life cycle of its own. `output` is what its schema says; `without` are those it lacks. */
  readonly actions?: { readonly output: string; readonly without?: readonly LifeAction[] }
  /** Made inside a project even by who did not name one (rancher-api §7). */
  readonly inProject?: boolean
  /** Types that a POST to its collection may make. */
  readonly children?: readonly string[]
}

export function mayDo(schema: TypeSchema, role: Role, verb: Verb): boolean {
  return schema.verbs[role]?.includes(verb) === true
}
