import type { Distributor } from '../core/distributor.ts'
import { effectiveConfig } from '../core/importer.ts'
import { canonicalJson, type JsonObject } from '../core/json.ts'
import type { NewPublication, PublicationStore } from '../core/publication.ts'
import type { RepositoryDistributor } from '../core/repository.ts'
import type { RepositoryVersion } from '../core/repository-version.ts'
import { type CheckServices, checkDistributor } from './check-config.ts'

/** What a publication of a version by a distributor is to be. */
export interface PublicationPlan {
  /** As the distributor has parsed it. */
  readonly config: unknown
  readonly wanted: NewPublication
  /** Files go to a folder besides, where anybody may change them. */
  readonly delivers: boolean
}

/** Throws kind `invalid` for a config that is wrong by now. */
export async function planPublication(
  services: CheckServices,
  attached: RepositoryDistributor,
  distributor: Distributor,
  version: RepositoryVersion,
  override: JsonObject = {},
): Promise<PublicationPlan> {
  const raw = effectiveConfig(attached.config, override)
  const config = await checkDistributor(services, attached.repositoryId, attached.id, distributor, raw)
  const wanted = {
    repositoryId: attached.repositoryId,
    distributorKey: attached.key,
    distributorType: attached.type,
    version: version.number,
    layout: distributor.layout(config),
    config: raw,
    basePath: distributor.basePath(config, attached.repositoryId),
  }
  return { config, wanted, delivers: distributor.delivery?.folder(config) !== undefined }
}

/** Whether the live publication of a distributor shows what is wanted already. */
export function showsTheSame(live: Awaited<ReturnType<PublicationStore['live']>>, wanted: NewPublication): boolean {
  return (
    live !== undefined &&
    live.version === wanted.version &&
    live.layout === wanted.layout &&
    live.basePath === wanted.basePath &&
    canonicalJson(live.config) === canonicalJson(wanted.config)
  )
}
