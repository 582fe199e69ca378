import type { RancherObject, RancherResource } from './resource.ts'

/** A page of a list (rancher-api §1.10). */
export interface RancherCollection extends RancherObject {
  readonly type: 'collection'
  readonly resourceType: string
  readonly links: Readonly<Record<string, string>>
  readonly createTypes: Readonly<Record<string, string>>
  readonly actions: Readonly<Record<string, string>>
  readonly data: readonly RancherResource[]
  /** Field → the same list, sorted by it. */
  readonly sortLinks: Readonly<Record<string, string>>
  /** Null for versions and schemas. */
  readonly pagination: RancherPagination | null
  readonly sort: RancherSort | null
  /** Every field that can be asked for → what was asked for. */
  readonly filters: Readonly<Record<string, readonly RancherCondition[] | null>>
  readonly createDefaults: Readonly<Record<string, string>>
}

export interface RancherPagination extends RancherObject {
  readonly first: null
  readonly previous: null
  /** URL of the page after this one. */
  readonly next: string | null
  readonly limit: number
  readonly total: null
  readonly partial: boolean
}

export interface RancherSort extends RancherObject {
  readonly name: string
  readonly order: 'asc' | 'desc'
  /** The same list the other way round. */
  readonly reverse: string
}

export interface RancherCondition extends RancherObject {
  /** As it was written; null for the tests for null. */
  readonly value: string | null
  readonly modifier: string
}
