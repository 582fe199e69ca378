import type { ContentType } from '../core/content-type.ts'
import type { VersionCommit, VersionDraft } from '../core/repository-version.ts'
import type { DiscoveredUnit, Unit } from '../core/unit.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { PostgresRepositoryStore } from '../database/repository-store.ts'
import { registerContentTypes } from '../database/units/content-type-ids.ts'
import { PostgresVersionStore } from '../database/versions/version-store.ts'
import { runningTask } from './fences.ts'

/** Repositories of bare units, changed by drafts. */
export class DraftBench {
  readonly opened: OpenDatabase
  readonly versions: PostgresVersionStore
  readonly repositories: PostgresRepositoryStore
  readonly #types: readonly string[]
  #count = 0

  private constructor(opened: OpenDatabase, versions: PostgresVersionStore, types: readonly string[]) {
    this.opened = opened
    this.versions = versions
    this.repositories = new PostgresRepositoryStore(opened.database)
    this.#types = types
  }

  static async open(opened: OpenDatabase, types: readonly ContentType[]): Promise<DraftBench> {
    const ids = await registerContentTypes(opened.database, types)
    const versions = new PostgresVersionStore(opened.database, opened.pool, ids)
    const names = types.map(({ id }) => id)
    return new DraftBench(opened, versions, names)
  }

  /** A repository whose version 1 has these units. */
  async repository(...units: readonly DiscoveredUnit[]): Promise<string> {
    this.#count += 1
    const id = `repository-${this.#count}`
    await this.repositories.create({ id, displayName: null, description: null, notes: {} }, undefined, [])
    if (units.length > 0) await this.change(id, (draft) => addUnits(draft, units))
    return id
  }

  async draft(id: string): Promise<VersionDraft> {
    return this.versions.open(id, await runningTask(this.opened.database))
  }

  async change(id: string, work: (draft: VersionDraft) => Promise<unknown>): Promise<VersionCommit> {
    const draft = await this.draft(id)
    await work(draft)
    return draft.commit()
  }

  async takeOver(id: string, repositoryId: string, version: number): Promise<VersionCommit> {
    return this.versions.takeOver(id, { repositoryId, version }, await runningTask(this.opened.database))
  }

  /** By name; of the latest version if none is given. */
  async units(id: string, version?: number): Promise<readonly Unit[]> {
    const number = version ?? (await this.repositories.get(id)).latest
    const query = { repositoryId: id, version: number, types: this.#types, order: ['name'] }
    return (await Array.fromAsync(this.versions.units(query))).map(({ unit }) => unit)
  }

  async ids(id: string, version?: number): Promise<readonly number[]> {
    return (await this.units(id, version)).map((unit) => unit.id)
  }
}

/** As a sync does that fetches no files. */
export async function addUnits(draft: VersionDraft, units: readonly DiscoveredUnit[]): Promise<void> {
  await draft.add((await draft.examine(units)).map(({ unit }) => ({ unit, fetched: new Map() })))
}

/** Number of the version, then how many units were added, updated and removed. */
export function numbersOf({ version, added, updated, removed }: VersionCommit): readonly number[] {
  return [version.number, added, updated, removed]
}
