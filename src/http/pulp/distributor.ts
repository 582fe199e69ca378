import type { Plugins } from '../../core/plugin.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import { maskSecrets } from '../../core/secrets.ts'
import type { PulpDistributor } from '../../wire/pulp/distributor.ts'
import { type Activity, idle } from './activity.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §6.1: the config as it was sent, without defaults, secrets masked. */
export function toPulpDistributor(
  distributor: RepositoryDistributor,
  plugins: Plugins,
  activity: Activity = idle,
): PulpDistributor {
  return {
    _id: { $oid: objectId('distributor', distributor.created, distributor.key) },
    _ns: 'repo_distributors',
    _href: hrefs.distributor(distributor.repositoryId, distributor.id),
    id: distributor.id,
    distributor_type_id: distributor.type,
    repo_id: distributor.repositoryId,
    config: maskSecrets(distributor.config, plugins.findDistributor(distributor.type)?.config.secrets ?? []),
    auto_publish: distributor.autoPublish,
    last_publish: toPulpDate(distributor.lastPublish),
    last_updated: toPulpDate(distributor.lastUpdated),
    last_override_config: {},
    scratchpad: distributor.scratchpad,
    publish_in_progress: activity.isPublishing(distributor.repositoryId, distributor.id),
    scheduled_publishes: [...activity.publishSchedules(distributor.repositoryId, distributor.id)],
  }
}
