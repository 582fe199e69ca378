import { type RawBuilder, sql } from 'kysely'
import type { OldRecords } from '../../core/retention.ts'
import type { Database } from '../connection.ts'

/** Tables of histories, with the time that their entries are of. */
const histories = [
  ['sync_history', 'completed'],
  ['publish_history', 'completed'],
  ['consumer_event', 'recorded'],
] as const

/** Deletes records of the past by the index on their end, without waiting for anybody's locks. */
export class PostgresOldRecords implements OldRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  deleteTasks(ageSeconds: number, limit: number): Promise<number> {
    return this.#delete(sql`
      DELETE FROM task WHERE id = ANY (ARRAY(
        SELECT old.id FROM task AS old WHERE old.finished < ${ago(ageSeconds)}
          AND NOT EXISTS (
            SELECT FROM task AS kin
            WHERE (kin.parent = old.id OR kin.id = old.parent) AND kin.finished IS NULL)
          AND NOT EXISTS (
            SELECT FROM task AS member WHERE member.group_id = old.group_id AND member.finished IS NULL)
        ORDER BY old.finished LIMIT ${limit} FOR UPDATE OF old SKIP LOCKED))`)
  }

  async deleteHistories(ageSeconds: number, limit: number): Promise<number> {
    let deleted = 0
    for (const [table, time] of histories) {
      deleted += await this.#delete(sql`
        DELETE FROM ${sql.table(table)} WHERE id = ANY (ARRAY(
          SELECT id FROM ${sql.table(table)} WHERE ${sql.ref(time)} < ${ago(ageSeconds)}
          ORDER BY ${sql.ref(time)} LIMIT ${limit - deleted} FOR UPDATE SKIP LOCKED))`)
    }
    return deleted
  }

  /** A lease lasts for seconds, so one that ran out a minute ago has no holder any more. */
  deleteLeases(limit: number): Promise<number> {
    return this.#delete(sql`
      DELETE FROM fetch_lease WHERE file = ANY (ARRAY(
        SELECT file FROM fetch_lease WHERE until < ${ago(60)} LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  }

  async #delete(statement: RawBuilder<unknown>): Promise<number> {
    const { numAffectedRows } = await statement.execute(this.#database)
    return Number(numAffectedRows ?? 0n)
  }
}

function ago(seconds: number): RawBuilder<Date> {
  return sql<Date>`clock_timestamp() - make_interval(secs => ${seconds})`
}
