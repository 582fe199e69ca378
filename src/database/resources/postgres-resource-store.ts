import { sql } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import { isTransitioning, type LifeState, lifeEnds } from '../../core/life-cycle.ts'
import type {
  NewResource,
  Resource,
  ResourceChange,
  ResourceQuery,
  ResourceStore,
  ResourceType,
} from '../../core/resource.ts'
import type { Database } from '../connection.ts'
import { sqlState, uniqueViolation } from '../postgres-errors.ts'
import { filterCondition, resourceOrder } from './resource-filters.ts'
import { type ResourceNotices, resourceChannel } from './resource-notices.ts'
import { changedColumns, newColumns, selectResources, toResource } from './resource-rows.ts'

const transitioning = (Object.keys(lifeEnds) as LifeState[]).filter(isTransitioning)

/** Hidden from lists a while after they were removed (rancher-api §2.4). */
const listed = sql<boolean>`(resource.remove_time IS NULL OR resource.remove_time > clock_timestamp())
  AND (resource.removed IS NULL OR resource.removed > clock_timestamp() - interval '300 seconds')`

/** Managed resources in PostgreSQL. All processes hear of every change. */
export class PostgresResourceStore implements ResourceStore {
  readonly #database: Database
  readonly #notices: ResourceNotices

  constructor(database: Database, notices: ResourceNotices) {
    this.#database = database
    this.#notices = notices
  }

  async create(resource: NewResource): Promise<Resource> {
    const inserted = await this.#unique(resource.identity, () =>
      this.#database
        .with('written', (db) => db.insertInto('resource').values(newColumns(resource)).returningAll())
        .selectFrom('written')
        .selectAll('written')
        .select(told)
        .executeTakeFirstOrThrow(),
    )
    return toResource(inserted)
  }

  async get(types: readonly ResourceType[], key: number): Promise<Resource> {
    const found = await selectResources(this.#database).where('id', '=', key).executeTakeFirst()
    if (found === undefined || !types.includes(found.type)) throw notFound({ [types.join(' or ')]: String(key) })
    return toResource(found)
  }

  async find(type: ResourceType, owner: number | null, identity: string): Promise<Resource | undefined> {
    const found = await this.#identified(type, identity)
      .where('owner', owner === null ? 'is' : '=', owner)
      .executeTakeFirst()
    return found && toResource(found)
  }

  async findAnywhere(type: ResourceType, identity: string): Promise<Resource | undefined> {
    const found = await this.#identified(type, identity).orderBy('id').limit(1).executeTakeFirst()
    return found && toResource(found)
  }

  async list({ types, owners, keys, filters, sort, limit, offset, removed }: ResourceQuery) {
    let query = selectResources(this.#database).where('type', 'in', [...types])
    if (types.length === 0 || owners?.length === 0 || keys?.length === 0) return []
    if (owners !== undefined) query = query.where('owner', 'in', [...owners])
    if (keys !== undefined) query = query.where('id', 'in', [...keys])
    if (removed !== true) query = query.where(listed)
    for (const filter of filters) query = query.where(filterCondition(filter))
    const rows = await query.orderBy(resourceOrder(sort)).limit(limit).offset(offset).execute()
    return rows.map(toResource)
  }

  async change(key: number, from: readonly LifeState[], change: ResourceChange): Promise<Resource | undefined> {
    if (from.length === 0) return undefined
    const changed = await this.#unique(undefined, () =>
      this.#database
        .with('written', (db) =>
          db
            .updateTable('resource')
            .set(changedColumns(change))
            .where('id', '=', key)
            .where('state', 'in', [...from])
            .returningAll(),
        )
        .selectFrom('written')
        .selectAll('written')
        // One that was only looked at has not changed.
        .$if(Object.keys(change).length > 0, (query) => query.select(told))
        .executeTakeFirst(),
    )
    return changed && toResource(changed)
  }

  async unsettled(seconds: number, limit: number): Promise<readonly Resource[]> {
    const rows = await selectResources(this.#database)
      .where('state', 'in', transitioning)
      .where('touched', '<=', sql<Date>`clock_timestamp() - make_interval(secs => ${seconds})`)
      .orderBy('touched')
      .limit(limit)
      .execute()
    return rows.map(toResource)
  }

  async toPurge(limit: number): Promise<readonly Resource[]> {
    const rows = await selectResources(this.#database)
      .where('state', '=', 'removed')
      .where('remove_time', '<=', sql<Date>`clock_timestamp()`)
      .orderBy('remove_time')
      .limit(limit)
      .execute()
    return rows.map(toResource)
  }

  async deletePurged(days: number, limit: number): Promise<number> {
    const old = this.#database
      .selectFrom('resource')
      .select('id')
      .where('state', '=', 'purged')
      .where('touched', '<=', sql<Date>`clock_timestamp() - make_interval(days => ${days})`)
      .orderBy('touched')
      .limit(limit)
    const { numDeletedRows } = await this.#database.deleteFrom('resource').where('id', 'in', old).executeTakeFirst()
    return Number(numDeletedRows)
  }

  changes(listener: (key: number | undefined) => void): () => void {
    return this.#notices.listen(listener)
  }

  #identified(type: ResourceType, identity: string) {
    // PostgreSQL has no NUL in a text: nothing is called so.
    const text = identity.includes('\0') ? null : identity
    return selectResources(this.#database)
      .where('identity', '=', text)
      .where('type', '=', type)
      .where('removed', 'is', null)
  }

  async #unique<Result>(identity: string | undefined, write: () => Promise<Result>): Promise<Result> {
    try {
      return await write()
    } catch (error) {
      if (sqlState(error) !== uniqueViolation) throw error
      const which = identity === undefined ? 'of the same identity' : identity
      throw new DeckleError('conflict', `There is one ${which} already`, {
        ...(identity && { resources: { identity } }),
      })
    }
  }
}

const told = sql<void>`pg_notify(${resourceChannel}, written.id::text)`.as('told')
