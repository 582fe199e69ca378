import type { Json } from '../../../core/json.ts'
import type { Resource } from '../../../core/resource.ts'
import type { Role } from './role.ts'
import type { View } from './view.ts'

type Scalar = 'string' | 'password' | 'float' | 'int' | 'date' | 'boolean' | 'enum' | 'json'
export type FieldType = Scalar | `reference[${string}]` | `array[${string}]` | `map[${string}]`

/** A field of a type: what its schema says, and where its value comes from (rancher-api §1.11). */
export interface Field {
  readonly type: FieldType
  /** May be given with a POST; by these roles only when it is a list. */
  readonly create?: boolean | readonly Role[]
  /** May be given with a PUT. */
  readonly update?: boolean
  readonly required?: boolean
  readonly nullable?: boolean
  readonly default?: Json
  readonly options?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly validChars?: string
  readonly invalidChars?: string
  /** Its value is told to its maker, once; later it is null. */
  readonly readOnCreateOnly?: boolean
  /** Roles that see it; all when absent. */
  readonly roles?: readonly Role[]
  /** What text must look like, besides what a schema can say. */
  readonly pattern?: RegExp
  /** Its value; absent: the member of `data` with its name. Undefined: it is left out. */
  readonly show?: (resource: Resource, view: View) => Json | undefined
}

export type Fields = Readonly<Record<string, Field>>

export function isVisible(field: { readonly roles?: readonly Role[] }, role: Role): boolean {
  return field.roles?.includes(role) ?? true
}

export function isCreatable({ create = false }: Field, role: Role): boolean {
  return typeof create === 'boolean' ? create : create.includes(role)
}

/** `host` of `reference[host]`; undefined for other types. */
export function referredType(type: FieldType | string): string | undefined {
  return /^reference\[(.+)\]$/.exec(type)?.[1]
}
