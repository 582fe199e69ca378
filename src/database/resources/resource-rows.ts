import { sql } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { LifeState } from '../../core/life-cycle.ts'
import type { NewResource, Resource, ResourceChange, ResourceColumn, ResourceType } from '../../core/resource.ts'
import type { Database } from '../connection.ts'
import { jsonb } from '../schema.ts'

export interface ResourceRow {
  readonly id: number
  readonly type: ResourceType
  readonly owner: number | null
  readonly name: string | null
  readonly description: string | null
  readonly state: LifeState
  readonly uuid: string
  readonly created: Date
  readonly removed: Date | null
  readonly remove_time: Date | null
  readonly identity: string | null
  readonly message: string | null
  readonly progress: number | null
  readonly failed: boolean
  readonly data: JsonObject
}

/** Column of the table, and what it is compared as. */
export const resourceColumns: Readonly<
  Record<ResourceColumn, { readonly name: string; readonly type: 'number' | 'text' | 'date' }>
> = {
  key: { name: 'id', type: 'number' },
  owner: { name: 'owner', type: 'number' },
  name: { name: 'name', type: 'text' },
  description: { name: 'description', type: 'text' },
  state: { name: 'state', type: 'text' },
  uuid: { name: 'uuid', type: 'text' },
  identity: { name: 'identity', type: 'text' },
  created: { name: 'created', type: 'date' },
  removed: { name: 'removed', type: 'date' },
  removeTime: { name: 'remove_time', type: 'date' },
}

export function selectResources(database: Database) {
  return database.selectFrom('resource').selectAll('resource')
}

export function toResource(row: ResourceRow): Resource {
  const { id: key, remove_time: removeTime, type, owner, name, description, state, uuid, created, removed } = row
  const { identity, message, progress, failed, data } = row
  const life = { state, created, removed, removeTime, message, progress, failed }
  return { key, type, owner, name, description, uuid, identity, ...life, data }
}

export function newColumns({ type, owner, name = null, description = null, state, identity, data }: NewResource) {
  return { type, owner, name, description, state, identity: identity ?? null, data: jsonb(data) }
}

/** What an UPDATE sets. */
export function changedColumns({ data, removeTime, ...same }: ResourceChange) {
  return {
    ...same,
    ...(removeTime !== undefined && { remove_time: removeTime }),
    ...(data !== undefined && { data: merged(data) }),
    touched: sql<Date>`clock_timestamp()`,
  }
}

/** Nulls deeper inside are values. */
function merged(change: JsonObject) {
  const gone = Object.keys(change).filter((key) => change[key] === null)
  return sql<string>`(data || ${jsonb(change)}::jsonb) - ${gone}::text[]`
}
