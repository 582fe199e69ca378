import type { JsonObject } from '../core/json.ts'
import type { VersionRetention } from '../core/retention.ts'

/** Takes away versions and publications that nobody keeps, in all repositories. Returns what went, undefined for nothing. */
export async function collectVersions(
  retention: VersionRetention,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const sum = { repositories: 0, versions: 0, publications: await retention.pruneGroups(), memberships: 0 }
  for (const repository of await retention.due()) {
    sum.repositories += 1
    for (let more = true; more && !signal.aborted; ) {
      const step = await retention.prune(repository)
      sum.versions += step.versions
      sum.publications += step.publications
      sum.memberships += step.memberships
      more = step.more
    }
    if (signal.aborted) break
  }
  return sum.versions + sum.publications + sum.memberships === 0 ? undefined : sum
}
