import type { Distributor } from '../core/distributor.ts'
import { invalid } from '../core/errors.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { RepositoryStore } from '../core/repository.ts'

/** What a secret is printed as; sent back, it means unchanged (DESIGN §5). */
export const secretMask = '*****'

/** Throws kind `invalid` when an importer of this type would not take the config. */
export function checkImporter(importer: Importer, raw: JsonObject): void {
  const policy = importer.policy(importer.config.parse(raw))
  if (policy.download !== 'immediate') {
    throw invalid(`download_policy ${policy.download} is not available yet; use immediate`, ['download_policy'])
  }
}

/** The parsed config of a distributor, if it is right and gets along with all others of its type. */
export async function checkDistributor(
  services: { readonly repositories: RepositoryStore },
  repositoryId: string,
  distributorId: string,
  distributor: Distributor,
  raw: JsonObject,
): Promise<unknown> {
  const config = distributor.config.parse(raw)
  if (distributor.validate !== undefined) {
    const same = await services.repositories.distributorsOfTypes([distributor.id])
    const others = same.filter((other) => other.repositoryId !== repositoryId || other.id !== distributorId)
    distributor.validate(config, repositoryId, others)
  }
  return config
}

/** A stored config after an update: unspecified keys stay, null removes, a masked secret stays as it was. */
export function mergeConfig(stored: JsonObject, change: JsonObject, secrets: readonly string[]): JsonObject {
  const merged: Record<string, JsonObject[string]> = { ...stored }
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key]
    else if (!(secrets.includes(key) && value === secretMask)) merged[key] = value
  }
  return merged
}

/** A config as it is stored: nulls mean unset and are dropped (pulp2-api §6.1). */
export function withoutNulls(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
}
