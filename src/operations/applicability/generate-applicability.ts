import type { Applicability, ApplicabilityStore, Profiler, SharedProfile } from '../../core/applicability.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { Repository, RepositoryStore } from '../../core/repository.ts'
import type { VersionStore } from '../../core/repository-version.ts'
import type { TaskRun } from '../../core/task.ts'

export interface GenerateServices {
  readonly plugins: Plugins
  readonly repositories: Pick<RepositoryStore, 'get'>
  readonly versions: Pick<VersionStore, 'units'>
  readonly applicability: Pick<ApplicabilityStore, 'read' | 'replace'>
}

/** Profiles that are equal for some consumers, as they are for a repository. */
export interface ProfileBatch {
  readonly repositoryId: string
  readonly profileType: string
  readonly hashes: readonly string[]
}

/** Profiles that one look at all units of a repository is for; those of whole systems take some 300 KB each. */
const batchProfiles = 50

export function* batchesOf(hashes: readonly string[]): Iterable<readonly string[]> {
  for (let start = 0; start < hashes.length; start += batchProfiles) yield hashes.slice(start, start + batchProfiles)
}

/** How often it begins again because units that it reads are deleted as orphans at the moment. */
const attempts = 5

/**
 * Finds what of a repository's latest version applies to some profiles, and puts that in the place of what was known. A repository or
 * a profile that is gone is passed over.
 */
export async function generateApplicability(
  services: GenerateServices,
  batch: ProfileBatch,
  run: Pick<TaskRun, 'signal' | 'fence'>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await generate(services, batch, run)
    } catch (error) {
      if (!isOf('conflict', error) || attempt === attempts) throw error
    }
  }
}

async function generate(
  services: GenerateServices,
  { repositoryId, profileType, hashes }: ProfileBatch,
  { signal, fence }: Pick<TaskRun, 'signal' | 'fence'>,
): Promise<void> {
  const profiler = services.plugins.profilers.find((one) => one.profileType === profileType)
  const repository = await findRepository(services, repositoryId)
  const profiles = await services.applicability.read(profileType, hashes)
  if (profiler === undefined || repository === undefined || profiles.length === 0) return
  const found = await findApplicable(services, profiler, repository, profiles, signal)
  await services.applicability.replace({ repositoryId, version: repository.latest, profileType }, found, fence)
}

async function findRepository({ repositories }: GenerateServices, id: string): Promise<Repository | undefined> {
  try {
    return await repositories.get(id)
  } catch (error) {
    if (isOf('not-found', error)) return undefined
    throw error
  }
}

function isOf(kind: DeckleError['kind'], error: unknown): boolean {
  return error instanceof DeckleError && error.kind === kind
}

async function findApplicable(
  { versions }: GenerateServices,
  profiler: Profiler,
  { id: repositoryId, latest: version }: Repository,
  profiles: readonly SharedProfile[],
  signal: AbortSignal,
): Promise<readonly Applicability[]> {
  const installed = profiler.read(profiles.map(({ profile }) => profile))
  const found = profiles.map(({ hash }) => ({ profileHash: hash, units: emptyOf(profiler) }))
  for (const [type, lookedAt] of Object.entries(profiler.units)) {
    for await (const unit of versions.units({ repositoryId, version, types: [type], ...lookedAt })) {
      signal.throwIfAborted()
      for (const place of installed.applicableTo(unit)) found[place]?.units[type]?.push(unit.unit.wireId)
    }
  }
  return found
}

function emptyOf({ units }: Profiler): Record<string, string[]> {
  return Object.fromEntries(Object.keys(units).map((type) => [type, []]))
}
