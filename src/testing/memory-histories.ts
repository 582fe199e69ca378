import type { HistoryFilter, HistoryStore, PublishHistoryEntry, SyncHistoryEntry } from '../core/history.ts'

/** Histories without a database. */
export class MemoryHistories implements HistoryStore {
  readonly #syncs: SyncHistoryEntry[] = []
  readonly #publishes: PublishHistoryEntry[] = []

  async addSync(entry: Omit<SyncHistoryEntry, 'key'>): Promise<SyncHistoryEntry> {
    const made = { ...entry, key: this.#syncs.length + 1 }
    this.#syncs.push(made)
    return made
  }

  async addPublish(entry: Omit<PublishHistoryEntry, 'key'>): Promise<PublishHistoryEntry> {
    const made = { ...entry, key: this.#publishes.length + 1 }
    this.#publishes.push(made)
    return made
  }

  async syncs(repositoryId: string, filter: HistoryFilter): Promise<readonly SyncHistoryEntry[]> {
    return select(
      this.#syncs.filter((entry) => entry.repositoryId === repositoryId),
      filter,
    )
  }

  async publishes(
    repositoryId: string,
    distributorId: string,
    filter: HistoryFilter,
  ): Promise<readonly PublishHistoryEntry[]> {
    const own = this.#publishes.filter(
      (entry) => entry.repositoryId === repositoryId && entry.distributorId === distributorId,
    )
    return select(own, filter)
  }
}

function select<Entry extends { started: Date }>(entries: readonly Entry[], filter: HistoryFilter): readonly Entry[] {
  const within = entries.filter(
    ({ started }) => (filter.from ?? started) <= started && started <= (filter.to ?? started),
  )
  const sorted = filter.sort === 'ascending' ? within : within.toReversed()
  return sorted.slice(0, filter.limit)
}
