import { randomUUID } from 'node:crypto'
import { withoutNulls } from '../../core/config-shape.ts'
import type { OtherDistributor } from '../../core/distributor.ts'
import { DeckleError, invalid } from '../../core/errors.ts'
import type { GroupDistributor } from '../../core/group-distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import type {
  AttachedGroupDistributor,
  NewGroupDistributor,
  RepositoryGroupStore,
} from '../../core/repository-group.ts'
import type { ExportFolders } from '../../core/safe-folder.ts'
import { mergeConfig } from '../check-config.ts'
import { distributorIdPattern } from '../wanted-plugins.ts'

export interface GroupDistributorServices {
  readonly plugins: Plugins
  readonly repositoryGroups: RepositoryGroupStore
  readonly exports: Pick<ExportFolders, 'require'>
}

/** Where a distributor is attached. */
export interface GroupPlace {
  readonly groupId: string
  readonly id: string
}

/** A distributor of a group as a client asks for it; without an id it gets a generated one. */
export interface WantedGroupDistributor {
  readonly id?: string
  readonly type: string
  readonly config: JsonObject
}

/** Attaches a distributor at once; one with the same id is replaced, as in repositories. */
export async function addGroupDistributor(
  services: GroupDistributorServices,
  groupId: string,
  wanted: WantedGroupDistributor,
): Promise<AttachedGroupDistributor> {
  await services.repositoryGroups.get(groupId)
  return services.repositoryGroups.setDistributor(groupId, await wantedGroupDistributor(services, groupId, wanted))
}

/** Merges at once: unspecified keys stay, null removes. */
export async function updateGroupDistributor(
  services: GroupDistributorServices,
  groupId: string,
  id: string,
  change: JsonObject,
): Promise<AttachedGroupDistributor> {
  const attached = await services.repositoryGroups.distributor(groupId, id)
  const plugin = services.plugins.groupDistributor(attached.type)
  const config = mergeConfig(attached.config, change, plugin.config.secrets)
  await checkGroupConfig(services, plugin, { groupId, id }, config)
  return services.repositoryGroups.configureDistributor(groupId, id, config)
}

export async function wantedGroupDistributor(
  services: GroupDistributorServices,
  groupId: string,
  { id = randomUUID(), type, config }: WantedGroupDistributor,
): Promise<NewGroupDistributor> {
  const plugin = services.plugins.findGroupDistributor(type)
  if (plugin === undefined) throw invalid(`there is no group distributor type ${type}`, ['distributor_type_id'])
  if (!distributorIdPattern.test(id)) {
    throw invalid(`the distributor id ${id} has illegal characters`, ['distributor_id'])
  }
  await checkGroupConfig(services, plugin, { groupId, id }, config)
  return { id, type, config: withoutNulls(config) }
}

/** The parsed config, if it is right and its folder may be filled. Throws kind `invalid`, code `distributor-config`. */
export async function checkGroupConfig(
  { exports, repositoryGroups }: Pick<GroupDistributorServices, 'exports' | 'repositoryGroups'>,
  plugin: GroupDistributor,
  place: GroupPlace,
  raw: JsonObject,
): Promise<unknown> {
  try {
    plugin.config.storable?.(raw)
    const config = plugin.config.parse(withoutNulls(raw))
    const folder = plugin.folder(config)
    if (folder !== undefined) await exports.require(folder)
    plugin.serving?.validate(config, place.groupId, await othersOf(repositoryGroups, plugin, place))
    return config
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'invalid') throw error
    const { fields = [] } = error.details
    throw new DeckleError('invalid', error.message, { code: 'distributor-config', fields }, { cause: error })
  }
}

async function othersOf(
  groups: RepositoryGroupStore,
  plugin: GroupDistributor,
  { groupId, id }: GroupPlace,
): Promise<readonly OtherDistributor[]> {
  const all = await groups.distributorsOfType(plugin.id)
  const others = all.filter((other) => other.groupId !== groupId || other.id !== id)
  return others.map((other) => ({ repositoryId: other.groupId, id: other.id, config: other.config }))
}
