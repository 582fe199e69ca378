import type { TaskOperation } from '../core/task.ts'
import {
  type RegenerateServices,
  regenerateBatch,
  regenerateForConsumers,
  regenerateForRepositories,
} from './applicability/regenerate-applicability.ts'
import { deleteOrphans, type OrphanServices } from './collect-orphans.ts'
import { type RefreshServices, refreshSources } from './content-sources/refresh-sources.ts'
import { type CopyServices, copyUnits } from './copy-units.ts'
import { type DownloadServices, downloadRepository } from './download-repository.ts'
import { removeDistributor, updateDistributor } from './manage-distributors.ts'
import { removeImporter, setImporter, updateImporter } from './manage-importers.ts'
import { deleteRepository } from './manage-repositories.ts'
import type { ManageServices } from './manage-services.ts'
import { type PublishServices, publishRepository } from './publish-repository.ts'
import { removeUnits } from './remove-units.ts'
import { type GroupPublishServices, publishGroup } from './repository-groups/publish-group.ts'
import { type SyncServices, syncRepository } from './sync-repository.ts'
import { type ImportUploadServices, importUpload, importUploadOperation } from './uploads/import-upload.ts'
import { type TakeOverServices, takeOverVersion } from './versions/take-over-version.ts'
import { postponable } from './wait-for-space.ts'

export type TaskServices = ManageServices &
  SyncServices &
  PublishServices &
  GroupPublishServices &
  RefreshServices &
  DownloadServices &
  OrphanServices &
  TakeOverServices &
  CopyServices &
  ImportUploadServices &
  RegenerateServices

/** Everything that a worker can do: the name in the task → what runs. */
export function taskOperations(services: TaskServices): Readonly<Record<string, TaskOperation>> {
  const operations = Object.entries(bareOperations(services))
  return Object.fromEntries(operations.map(([name, operation]) => [name, postponable(services, operation)]))
}

function bareOperations(services: TaskServices): Readonly<Record<string, TaskOperation>> {
  return {
    'sync-repository': (run) => syncRepository(services, run),
    'publish-repository': (run) => publishRepository(services, run),
    'refresh-content-source': (run) => refreshSources(services, run),
    'refresh-content-sources': (run) => refreshSources(services, run),
    'publish-repository-group': (run) => publishGroup(services, run),
    'download-repository': (run) => downloadRepository(services, run),
    [importUploadOperation]: (run) => importUpload(services, run),
    'associate-units': (run) => copyUnits(services, run),
    'unassociate-units': (run) => removeUnits(services, run),
    'rollback-repository': (run) => takeOverVersion(services, run),
    'promote-repository': (run) => takeOverVersion(services, run),
    'regenerate-applicability': (run) => regenerateForRepositories(services, run),
    'regenerate-applicability-for-consumers': (run) => regenerateForConsumers(services, run),
    'regenerate-applicability-batch': (run) => regenerateBatch(services, run),
    'delete-repository': (run) => deleteRepository(services, run),
    'delete-orphans': (run) => deleteOrphans(services, run),
    'delete-orphans-by-type': (run) => deleteOrphans(services, run),
    'delete-orphans-by-id': (run) => deleteOrphans(services, run),
    'set-importer': (run) => setImporter(services, run),
    'update-importer': (run) => updateImporter(services, run),
    'remove-importer': (run) => removeImporter(services, run),
    'update-distributor': (run) => updateDistributor(services, run),
    'remove-distributor': (run) => removeDistributor(services, run),
  }
}
