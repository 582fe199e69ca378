import type { Json } from './json.ts'
import type { Repository, RepositoryDistributor } from './repository.ts'
import type { RepositoryGroup } from './repository-group.ts'
import type { Task } from './task.ts'
import type { User } from './user.ts'

/**
 * A search as its API means it, after all that a client can get wrong has been checked. Fields are named as the API prints
 * them. Semantics are those of pulp2-api §4.1.
 */
export interface Criteria {
  readonly filter: Filter
  readonly sort: readonly SortKey[]
  readonly limit?: number
  readonly skip: number
}

export interface SortKey {
  readonly field: string
  readonly direction: 'ascending' | 'descending'
}

/** Which objects match. `all` of none matches everything, `any` of none nothing. */
export type Filter =
  | { readonly kind: 'all' | 'any'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  /** An empty path is the value itself, inside `element`. */
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly test: Test }

/**
 * What is asked of the values at a path. All but `exists`, `size` and `element` also hold for an array that has a value for which
 * they hold. A date is written as `{ $date: '2016-04-29T16:28:08.000Z' }`, always in this form.
 */
export type Test =
  | { readonly op: 'equals'; readonly value: Json }
  | { readonly op: 'one-of'; readonly values: readonly Json[] }
  /** Values of another type than `value`, which is a scalar or a date, never match. */
  | { readonly op: 'compare'; readonly relation: '>' | '>=' | '<' | '<='; readonly value: Json }
  | { readonly op: 'matches'; readonly pattern: string; readonly options: string }
  | { readonly op: 'remainder'; readonly divisor: number; readonly remainder: number }
  | { readonly op: 'type'; readonly type: ValueType }
  | { readonly op: 'exists' }
  /** An array of this length. */
  | { readonly op: 'size'; readonly size: number }
  /**
   * An array with an element that matches: any element by itself, where paths are empty, or one that is an object, or an array as
   * an object whose keys are its indexes.
   */
  | { readonly op: 'element'; readonly of: 'values' | 'objects'; readonly filter: Filter }

export type ValueType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array' | 'date'

/** Matches everything. */
export const everything: Filter = { kind: 'all', filters: [] }

/**
 * Finds what criteria describe, in the order that they ask for, else in order of creation. A search that the database cannot
 * do, or not in time, is kind `invalid`, code `bad-criteria`.
 */
export interface Searches {
  repositories(criteria: Criteria): Promise<readonly Repository[]>
  distributors(criteria: Criteria): Promise<readonly RepositoryDistributor[]>
  repositoryGroups(criteria: Criteria): Promise<readonly RepositoryGroup[]>
  users(criteria: Criteria): Promise<readonly User[]>
  /** In bounded memory. */
  tasks(criteria: Criteria): AsyncIterable<Task>
}

/** How an API spells what is stored otherwise, so that searches see what its clients see. */
export interface SearchVocabulary {
  /** The digits in an object id that tell the kind. */
  readonly kindTags: Readonly<Record<'repository' | 'repositoryGroup' | 'distributor' | 'task' | 'user', string>>
  /** Put before every tag. */
  readonly tagPrefix: string
  /** Operation → what the API calls it; others by their own name. */
  readonly taskTypes: Readonly<Record<string, string>>
  /** Members of distributor configs that no search may see. */
  readonly secrets: readonly string[]
}
