import { notFound } from '../core/errors.ts'
import type {
  Schedule,
  ScheduleName,
  ScheduleOwner,
  ScheduleState,
  ScheduleStore,
  ScheduleTarget,
} from '../core/schedule.ts'
import { type MemoryRepositories, memoryEpoch } from './memory-repositories.ts'

interface Entry {
  readonly owner: ScheduleOwner
  schedule: Schedule
}

/** Schedules that nobody runs, for tests of what makes and shows them. */
export class MemorySchedules implements ScheduleStore {
  readonly #repositories: MemoryRepositories
  readonly #entries = new Map<number, Entry>()
  #lastKey = 0

  constructor(repositories: MemoryRepositories) {
    this.#repositories = repositories
  }

  async create(owner: ScheduleOwner, state: ScheduleState): Promise<Schedule> {
    const key = ++this.#lastKey
    const schedule = { ...neverRun, ...state, key, target: await this.#target(owner) }
    this.#entries.set(key, { owner, schedule })
    return schedule
  }

  /** Puts facts into a schedule that only runs would. */
  alter(key: number, facts: Partial<Schedule>): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.schedule = { ...entry.schedule, ...facts }
  }

  async list(owner: ScheduleOwner): Promise<readonly Schedule[]> {
    const own = [...this.#entries.values()].filter((entry) => isSame(entry.owner, owner))
    return own.map(({ schedule }) => schedule)
  }

  async get(owner: ScheduleOwner, key: number): Promise<Schedule | undefined> {
    const entry = this.#entries.get(key)
    return entry !== undefined && isSame(entry.owner, owner) ? entry.schedule : undefined
  }

  async update(owner: ScheduleOwner, key: number, change: (current: Schedule) => ScheduleState): Promise<Schedule> {
    const current = await this.get(owner, key)
    if (current === undefined) throw notFound({ schedule_id: String(key) })
    this.alter(key, change(current))
    return { ...current, ...change(current) }
  }

  async delete(owner: ScheduleOwner, key: number): Promise<void> {
    if ((await this.get(owner, key)) === undefined) throw notFound({ schedule_id: String(key) })
    this.#entries.delete(key)
  }

  async ofRepositories(repositoryIds: readonly string[]): Promise<readonly ScheduleName[]> {
    const all = [...this.#entries.values()].map(({ schedule }) => schedule)
    return all.flatMap(({ target, ...schedule }) =>
      'repositoryId' in target && repositoryIds.includes(target.repositoryId) ? [{ ...schedule, target }] : [],
    )
  }

  async #target(owner: ScheduleOwner): Promise<ScheduleTarget> {
    for (const { repository, importers, distributors } of await this.#repositories.details()) {
      const repositoryId = repository.id
      for (const { key, type } of importers) {
        if (isSame(owner, { importer: key })) return { action: 'sync', repositoryId, importerType: type }
      }
      for (const { key, id, type } of distributors) {
        const target = { action: 'publish', repositoryId, distributorId: id, distributorType: type } as const
        if (isSame(owner, { distributor: key })) return target
      }
    }
    throw notFound({ owner: JSON.stringify(owner) })
  }
}

function isSame(one: ScheduleOwner, other: ScheduleOwner): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

const neverRun = {
  created: memoryEpoch,
  lastUpdated: memoryEpoch,
  consecutiveFailures: 0,
  totalRuns: 0,
  lastRun: null,
}
