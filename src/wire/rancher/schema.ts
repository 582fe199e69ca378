import type { RancherObject, RancherResource, RancherValue } from './resource.ts'

/** How a type looks to who asks (rancher-api §1.11). */
export interface RancherSchema extends RancherResource {
  readonly type: 'schema'
  readonly pluralName: string
  readonly resourceFields: Readonly<Record<string, RancherField>>
  readonly collectionFilters: Readonly<Record<string, { readonly modifiers: readonly string[] }>>
  readonly includeableLinks: readonly string[]
  readonly resourceActions: Readonly<Record<string, { readonly input: null; readonly output: string }>>
  readonly collectionActions: RancherObject
  readonly collectionFields: RancherObject
  readonly collectionMethods: readonly string[]
  readonly resourceMethods: readonly string[]
}

/** `required` and `nullable` only when true, `options`, `default` and limits only when set. */
export interface RancherField extends RancherObject {
  /** `string`, `int`, `date`, `map[string]`, `reference[host]` … or the id of a schema. */
  readonly type: string
  readonly description: string | null
  readonly create: boolean
  readonly update: boolean
  readonly readOnCreateOnly: boolean
  readonly [attribute: string]: RancherValue
}
