import { setTimeout as pause } from 'node:timers/promises'
import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { DeletedOrphans, Orphan, OrphanScope, Orphans } from '../../core/orphans.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import { lockNotAvailable, sqlState } from '../postgres-errors.ts'
import type { Schema } from '../schema.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { type DeletedUnits, deleteUnits } from './delete-units.ts'
import { dropEmptyPacks } from './drop-packs.ts'
import { keyUnheld } from './unit-conditions.ts'

export interface PostgresOrphansContext {
  readonly database: Database
  readonly types: ContentTypeIds
  /** How long a superseded publication is served. */
  readonly graceSeconds: number
  /** Units that are looked at in one transaction. */
  readonly batchUnits?: number
}

const attempts = 20
const pauseMs = 50

/** Orphans in PostgreSQL; `delete-units.ts` says why deletion is safe beside everything else. */
export class PostgresOrphans implements Orphans {
  readonly #context: Required<PostgresOrphansContext>

  constructor(context: PostgresOrphansContext) {
    this.#context = { batchUnits: 1000, ...context }
  }

  async count(): Promise<Readonly<Record<string, number>>> {
    const { database, types } = this.#context
    const { rows } = await sql<{ type: number; count: number }>`
      SELECT type, count(DISTINCT wire_id) FROM unit WHERE ${keyUnheld} GROUP BY type`.execute(database)
    return Object.fromEntries(rows.map((row) => [types.name(row.type), row.count]))
  }

  async *list(type: string): AsyncIterable<Orphan> {
    for (let after = 0; ; ) {
      const page = await this.#page(type, after)
      for (const { wireId, metadata } of page) yield { type, wireId, metadata }
      const last = page.at(-1)
      if (last === undefined) return
      after = last.id
    }
  }

  /** The newest revision of each key. */
  async #page(type: string, after: number) {
    const { database, types, batchUnits } = this.#context
    const { rows } = await sql<{ id: number; wireId: string; metadata: JsonObject }>`
      SELECT id, wire_id AS "wireId", metadata FROM unit
      WHERE id > ${after} AND type = ${types.id(type)} AND ${keyUnheld}
        AND NOT EXISTS (SELECT FROM unit AS newer WHERE newer.wire_id = unit.wire_id AND newer.id > unit.id)
      ORDER BY id LIMIT ${batchUnits}`.execute(database)
    return rows
  }

  async has(type: string, wireId: string): Promise<boolean> {
    const { database, types } = this.#context
    const { rows } = await sql`
      SELECT FROM unit WHERE wire_id = ${wireId}::uuid AND type = ${types.id(type)} AND ${keyUnheld} LIMIT 1
    `.execute(database)
    return rows.length > 0
  }

  async delete(scope: OrphanScope, fence: Fence, signal: AbortSignal): Promise<DeletedOrphans> {
    const counts = new Map<number, number>()
    const condition = this.#condition(scope)
    for (let after = 0; ; ) {
      signal.throwIfAborted()
      const batch = await this.#next(condition, after)
      const last = batch.at(-1)
      if (last === undefined) return this.#named(counts)
      after = last
      for (const type of (await this.#deleteBatch(batch, fence)).types) counts.set(type, (counts.get(type) ?? 0) + 1)
    }
  }

  #condition({ type, wireIds }: OrphanScope): RawBuilder<boolean> {
    const ofType = type === undefined ? sql`true` : sql`type = ${this.#context.types.id(type)}`
    return wireIds === undefined ? sql`${ofType}` : sql`${ofType} AND wire_id = ANY (${wireIds}::uuid[])`
  }

  async #next(condition: RawBuilder<boolean>, after: number): Promise<readonly number[]> {
    const { database, batchUnits } = this.#context
    const { rows } = await sql<{ id: number }>`
      SELECT id FROM unit WHERE id > ${after} AND ${condition} ORDER BY id LIMIT ${batchUnits}`.execute(database)
    return rows.map((row) => row.id)
  }

  /** Others hold their rows for a moment; whoever holds them for longer keeps the units for another time. */
  async #deleteBatch(batch: readonly number[], fence: Fence): Promise<DeletedUnits> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await fenced(this.#context.database, fence, (transaction) => this.#deleteUnits(transaction, batch))
      } catch (error) {
        if (sqlState(error) !== lockNotAvailable) throw error
        if (attempt === attempts) return { types: [], packs: [] }
        await pause(pauseMs)
      }
    }
  }

  async #deleteUnits(transaction: Transaction<Schema>, batch: readonly number[]): Promise<DeletedUnits> {
    const units = await deleteUnits(transaction, batch, this.#context.graceSeconds)
    await dropEmptyPacks(transaction, units.packs)
    return units
  }

  #named(counts: ReadonlyMap<number, number>): DeletedOrphans {
    return Object.fromEntries([...counts].map(([type, count]) => [this.#context.types.name(type), count]))
  }
}
