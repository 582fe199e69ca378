import { sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Schedule, ScheduleName, ScheduleOwner, ScheduleState, ScheduleStore } from '../../core/schedule.ts'
import type { Database } from '../connection.ts'
import { foreignKeyViolation, sqlState } from '../postgres-errors.ts'
import type { Schema } from '../schema.ts'
import { scheduleChannel } from './schedule-notices.ts'
import {
  isOf,
  ownerColumns,
  selectSchedules,
  stateColumns,
  type TargetNames,
  toSchedule,
  toTarget,
} from './schedule-rows.ts'

/** Schedules in PostgreSQL, as their users see them. Schedulers of all processes hear of every change. */
export class PostgresScheduleStore implements ScheduleStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(owner: ScheduleOwner, state: ScheduleState): Promise<Schedule> {
    try {
      return await this.#database.transaction().execute(async (transaction) => {
        const { id } = await transaction
          .insertInto('schedule')
          .values({ ...ownerColumns(owner), ...stateColumns(state) })
          .returning('id')
          .executeTakeFirstOrThrow()
        await announce(transaction)
        return toSchedule(await selectSchedules(transaction).where('schedule.id', '=', id).executeTakeFirstOrThrow())
      })
    } catch (error) {
      if (sqlState(error) !== foreignKeyViolation) throw error
      throw new DeckleError('not-found', 'What the schedule is for was removed just now')
    }
  }

  async list(owner: ScheduleOwner): Promise<readonly Schedule[]> {
    const rows = await selectSchedules(this.#database).where(isOf(owner)).orderBy('schedule.id').execute()
    return rows.map(toSchedule)
  }

  async get(owner: ScheduleOwner, key: number): Promise<Schedule | undefined> {
    const row = await selectSchedules(this.#database)
      .where('schedule.id', '=', key)
      .where(isOf(owner))
      .executeTakeFirst()
    return row && toSchedule(row)
  }

  async update(owner: ScheduleOwner, key: number, change: (current: Schedule) => ScheduleState): Promise<Schedule> {
    return await this.#database.transaction().execute(async (transaction) => {
      const wanted = selectSchedules(transaction).where('schedule.id', '=', key).where(isOf(owner))
      const row = await wanted.forUpdate('schedule').executeTakeFirst()
      if (row === undefined) throw notFound({ schedule_id: String(key) })
      await transaction
        .updateTable('schedule')
        .set({ ...stateColumns(change(toSchedule(row))), last_updated: sql<Date>`clock_timestamp()` })
        .where('id', '=', key)
        .execute()
      await announce(transaction)
      return toSchedule(await wanted.executeTakeFirstOrThrow())
    })
  }

  async delete(owner: ScheduleOwner, key: number): Promise<void> {
    const { numDeletedRows } = await this.#database
      .deleteFrom('schedule')
      .where('id', '=', key)
      .where(isOf(owner))
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw notFound({ schedule_id: String(key) })
  }

  /** From the repositories to their few schedules, by indexes. */
  async ofRepositories(repositoryIds: readonly string[]): Promise<readonly ScheduleName[]> {
    const { rows } = await sql<NameRow>`
      SELECT schedule.id, schedule.created, repository.name AS repository_name,
        importer.type AS importer_type, NULL AS distributor_name, NULL AS distributor_type
      FROM repository JOIN importer ON importer.repository = repository.id JOIN schedule ON schedule.importer = importer.id
      WHERE repository.name = ANY (${[...repositoryIds]}::text[])
      UNION ALL
      SELECT schedule.id, schedule.created, repository.name, NULL, distributor.name, distributor.type
      FROM repository JOIN distributor ON distributor.repository = repository.id
        JOIN schedule ON schedule.distributor = distributor.id
      WHERE repository.name = ANY (${[...repositoryIds]}::text[])
      ORDER BY id`.execute(this.#database)
    return rows.map((row) => ({ key: row.id, created: row.created, target: toTarget(row) }))
  }
}

interface NameRow extends TargetNames {
  readonly id: number
  readonly created: Date
}

async function announce(transaction: Transaction<Schema>): Promise<void> {
  await sql`SELECT pg_notify(${scheduleChannel}, '')`.execute(transaction)
}
