import type { Schedule, ScheduleOwner, ScheduleState } from '../core/schedule.ts'
import type { Database } from '../database/connection.ts'
import { PostgresRepositoryStore } from '../database/repository-store.ts'
import { PostgresScheduleStore } from '../database/schedules/postgres-schedule-store.ts'

export const midnight = new Date('2016-04-29T00:00:00Z')

/** The instant so many hours after midnight. */
export function hour(count: number): Date {
  return new Date(midnight.getTime() + count * 3_600_000)
}

/** Each hour from midnight on. */
export const hourly: ScheduleState = {
  text: 'PT1H',
  overrides: {},
  enabled: true,
  failureThreshold: null,
  firstRun: midnight,
  remainingRuns: null,
  due: midnight,
}

/** Repositories with something to schedule in one database. */
export class ScheduledRepositories {
  readonly repositories: PostgresRepositoryStore
  readonly schedules: PostgresScheduleStore
  #made = 0

  constructor(database: Database) {
    this.repositories = new PostgresRepositoryStore(database)
    this.schedules = new PostgresScheduleStore(database)
  }

  /** A new repository with an importer and a distributor. */
  async repository(): Promise<{ id: string; importer: ScheduleOwner; distributor: ScheduleOwner }> {
    const id = `repository-${++this.#made}`
    const importer = { type: 'stub_importer', config: {} }
    const distributor = { id: 'web', type: 'stub_distributor', config: {}, autoPublish: false }
    await this.repositories.create({ id, displayName: null, description: null, notes: {} }, importer, [distributor])
    const attached = await this.repositories.importer(id)
    if (attached === undefined) throw new Error('the importer is not there')
    const { key } = await this.repositories.distributor(id, 'web')
    return { id, importer: { importer: attached.key }, distributor: { distributor: key } }
  }

  /** A sync schedule of a repository of its own. */
  async schedule(
    state: Partial<ScheduleState> = {},
  ): Promise<{ id: string; owner: ScheduleOwner; schedule: Schedule }> {
    const { id, importer: owner } = await this.repository()
    return { id, owner, schedule: await this.schedules.create(owner, { ...hourly, ...state }) }
  }
}
