import type { Plugins } from '../../core/plugin.ts'
import type { AttachedGroupDistributor, RepositoryGroup } from '../../core/repository-group.ts'
import { maskSecrets } from '../../core/secrets.ts'
import type { PulpGroupDistributor, PulpRepositoryGroup } from '../../wire/pulp/repository-group.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §10. */
export function toPulpRepositoryGroup(group: RepositoryGroup): PulpRepositoryGroup {
  return {
    _id: { $oid: objectId('repositoryGroup', group.created, group.key) },
    _ns: 'repo_groups',
    _href: hrefs.repositoryGroup(group.id),
    id: group.id,
    display_name: group.displayName,
    description: group.description,
    notes: group.notes,
    repo_ids: [...group.repositoryIds],
    scratchpad: group.scratchpad,
  }
}

/** The config as it was sent, secrets masked. */
export function toPulpGroupDistributor(distributor: AttachedGroupDistributor, plugins: Plugins): PulpGroupDistributor {
  const secrets = plugins.findGroupDistributor(distributor.type)?.config.secrets ?? []
  return {
    _id: { $oid: objectId('groupDistributor', distributor.created, distributor.key) },
    _ns: 'repo_group_distributors',
    _href: hrefs.groupDistributor(distributor.groupId, distributor.id),
    id: distributor.id,
    distributor_type_id: distributor.type,
    repo_group_id: distributor.groupId,
    config: maskSecrets(distributor.config, secrets),
    scratchpad: distributor.scratchpad,
    last_publish: toPulpDate(distributor.lastPublish),
  }
}
