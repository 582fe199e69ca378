import type { Plugins } from '../../core/plugin.ts'
import type { RepositoryImporter } from '../../core/repository.ts'
import { maskSecrets } from '../../core/secrets.ts'
import type { PulpImporter } from '../../wire/pulp/importer.ts'
import { type Activity, idle } from './activity.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §6.1: the config as it was sent, without defaults, secrets masked. */
export function toPulpImporter(
  importer: RepositoryImporter,
  plugins: Plugins,
  activity: Activity = idle,
): PulpImporter {
  return {
    _id: { $oid: objectId('importer', importer.created, importer.key) },
    _ns: 'repo_importers',
    _href: hrefs.importer(importer.repositoryId, importer.type),
    id: importer.type,
    importer_type_id: importer.type,
    repo_id: importer.repositoryId,
    config: maskSecrets(importer.config, plugins.findImporter(importer.type)?.config.secrets ?? commonSecrets),
    last_sync: toPulpDate(importer.lastSync),
    last_updated: toPulpDate(importer.lastUpdated),
    last_override_config: {},
    scratchpad: importer.scratchpad,
    sync_in_progress: activity.isSyncing(importer.repositoryId),
    scheduled_syncs: [...activity.syncSchedules(importer.repositoryId)],
  }
}

/** For an importer whose plugin is not installed any more (pulp2-types §2). */
const commonSecrets = ['proxy_password', 'basic_auth_password', 'ssl_client_key']
