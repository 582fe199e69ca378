import { notFound } from '../core/errors.ts'
import type { DescribedVersion, UnitChange, VersionHistory } from '../core/version-history.ts'

/** Versions of repositories without a database. */
export class MemoryVersionHistory implements VersionHistory {
  /** By repository, newest first. */
  readonly versions = new Map<string, readonly DescribedVersion[]>()
  /** What every comparison finds. */
  changed: readonly UnitChange[] = []
  readonly compared: (readonly [from: number, to: number])[] = []

  async list(repositoryId: string): Promise<readonly DescribedVersion[]> {
    const versions = this.versions.get(repositoryId)
    if (versions === undefined) throw notFound({ repo_id: repositoryId })
    return versions
  }

  async get(repositoryId: string, number: number): Promise<DescribedVersion> {
    const version = (await this.list(repositoryId)).find((one) => one.number === number)
    if (version === undefined) throw notFound({ version: String(number) })
    return version
  }

  async *changes(repositoryId: string, from: number, to: number): AsyncIterable<UnitChange> {
    for (const number of [from, to]) await this.get(repositoryId, number)
    this.compared.push([from, to])
    yield* this.changed
  }
}
