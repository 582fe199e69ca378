import { randomUUID } from 'node:crypto'
import { withoutNulls } from '../core/config-shape.ts'
import { DeckleError, invalid } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import type { NewDistributor } from '../core/repository.ts'
import { checkImporter, checkStoredDistributor, keptConfig } from './check-config.ts'
import type { ManageServices } from './manage-services.ts'

/** A distributor as a client asks for it; without an id it gets a generated one. */
export interface WantedDistributor {
  readonly id?: string
  readonly type: string
  readonly config: JsonObject
  readonly autoPublish: boolean
}

/** pulp2-api §1.2: no dot, other than in repository ids. */
export const distributorIdPattern = /^[-_A-Za-z0-9]+$/

/** Checks a wanted importer; throws kind `invalid` with code `unknown-importer-type` for a type that no plugin has. */
export function wantedImporter(
  plugins: Plugins,
  wanted: { readonly type: string; readonly config: JsonObject },
): { type: string; config: JsonObject } {
  const importer = plugins.findImporter(wanted.type)
  if (importer === undefined) {
    throw new DeckleError('invalid', `there is no importer type ${wanted.type}`, {
      fields: ['importer_type_id'],
      code: 'unknown-importer-type',
      data: { importer_type_id: wanted.type },
    })
  }
  checkImporter(importer, wanted.config)
  return { type: wanted.type, config: keptConfig(importer, withoutNulls(wanted.config)) }
}

/** Checks a wanted distributor against its plugin and all others. */
export async function wantedDistributor(
  services: Pick<ManageServices, 'plugins' | 'repositories' | 'exports'>,
  repositoryId: string,
  wanted: WantedDistributor,
): Promise<NewDistributor> {
  const distributor = services.plugins.findDistributor(wanted.type)
  if (distributor === undefined) throw invalid(`there is no distributor type ${wanted.type}`, ['distributor_type_id'])
  const id = wanted.id ?? randomUUID()
  if (!distributorIdPattern.test(id)) {
    throw invalid(`the distributor id ${id} has illegal characters`, ['distributor_id'])
  }
  await checkStoredDistributor(services, repositoryId, id, distributor, wanted.config)
  return { id, type: wanted.type, config: withoutNulls(wanted.config), autoPublish: wanted.autoPublish }
}
