import { type ConfigShape, withoutNulls } from '../core/config-shape.ts'
import type { Distributor } from '../core/distributor.ts'
import { DeckleError } from '../core/errors.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { RepositoryStore } from '../core/repository.ts'
import type { ExportFolders } from '../core/safe-folder.ts'
import { unmaskSecrets } from '../core/secrets.ts'

/** Throws kind `invalid` when an importer of this type would not take the config, as it is sent or after an update. */
export function checkImporter(importer: Importer, sent: JsonObject): void {
  requireStorable('importer-config', importer, sent)
  parsed('importer-config', importer, withoutNulls(sent))
}

/** An importer's config, which was checked, as it is kept. */
export function keptConfig({ config }: Importer, raw: JsonObject): JsonObject {
  return config.kept?.(raw) ?? raw
}

/** The same as `checkImporter` for a distributor. */
export async function checkStoredDistributor(
  services: CheckServices,
  repositoryId: string,
  distributorId: string,
  distributor: Distributor,
  sent: JsonObject,
): Promise<void> {
  requireStorable('distributor-config', distributor, sent)
  await checkDistributor(services, repositoryId, distributorId, distributor, withoutNulls(sent))
}

/** What it takes to check a distributor. */
export interface CheckServices {
  readonly repositories: RepositoryStore
  readonly exports: ExportFolders
}

/** The parsed config of a distributor, if it is right, gets along with all others of its type and may fill its folder. */
export async function checkDistributor(
  services: CheckServices,
  repositoryId: string,
  distributorId: string,
  distributor: Distributor,
  raw: JsonObject,
): Promise<unknown> {
  const config = parsed('distributor-config', distributor, raw)
  if (distributor.validate !== undefined) {
    const same = await services.repositories.distributorsOfTypes([distributor.id])
    const others = same.filter((other) => other.repositoryId !== repositoryId || other.id !== distributorId)
    coded('distributor-config', () => distributor.validate?.(config, repositoryId, others))
  }
  const folder = distributor.delivery?.folder(config)
  if (folder !== undefined) {
    await services.exports.require(folder).catch((error: unknown) => {
      throw codedError('distributor-config', error)
    })
  }
  return config
}

type RefusedConfig = 'importer-config' | 'distributor-config'

function requireStorable(
  code: RefusedConfig,
  { config }: { readonly config: ConfigShape<unknown> },
  sent: JsonObject,
): void {
  coded(code, () => config.storable?.(sent))
}

function parsed<Config>(
  code: RefusedConfig,
  plugin: { readonly config: ConfigShape<Config> },
  raw: JsonObject,
): Config {
  return coded(code, () => plugin.config.parse(raw))
}

/** Marks what the plugin refuses, so that an API can tell it from other bad input. */
function coded<Result>(code: RefusedConfig, check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    throw codedError(code, error)
  }
}

function codedError(code: RefusedConfig, error: unknown): unknown {
  if (!(error instanceof DeckleError) || error.kind !== 'invalid') return error
  return refused(code, error.message, error.details.fields ?? [], error)
}

function refused(code: RefusedConfig, message: string, fields: readonly string[], cause?: unknown): DeckleError {
  return new DeckleError('invalid', message, { code, fields }, { cause })
}

/** A stored config after an update: unspecified keys stay, null removes, a secret that comes back as its mask stays as it was. */
export function mergeConfig(stored: JsonObject, change: JsonObject, secrets: readonly string[]): JsonObject {
  return withoutNulls({ ...stored, ...unmaskSecrets(change, stored, secrets) })
}
