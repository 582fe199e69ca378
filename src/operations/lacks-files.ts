import type { Repository, RepositoryStore } from '../core/repository.ts'

/** Whether files are not stored of units of these types in the latest version of a repository. */
export async function lacksFiles(
  repositories: RepositoryStore,
  { id, counts }: Pick<Repository, 'id' | 'counts'>,
  types: readonly string[],
): Promise<boolean> {
  const units = types.reduce((sum, type) => sum + (counts[type] ?? 0), 0)
  return units > 0 && (await repositories.countLocallyStored(id, types)) < units
}
