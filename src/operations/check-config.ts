import type { Distributor } from '../core/distributor.ts'
import { invalid } from '../core/errors.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { RepositoryStore } from '../core/repository.ts'
import { unmaskSecrets } from '../core/secrets.ts'

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

/** A stored config after an update: unspecified keys stay, null removes, a secret that comes back as its mask stays as it was. */
export function mergeConfig(stored: JsonObject, change: JsonObject, secrets: readonly string[]): JsonObject {
  return withoutNulls({ ...stored, ...unmaskSecrets(change, stored, secrets) })
}

/** A config as it is stored: nulls mean unset and are dropped (pulp2-api §6.1). */
export function withoutNulls(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
}
