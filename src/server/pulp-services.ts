import { PostgresConsumerSearches } from '../database/criteria/postgres-consumer-searches.ts'
import { PostgresSearches } from '../database/criteria/postgres-searches.ts'
import { PostgresEventListenerStore } from '../database/events/postgres-event-listener-store.ts'
import { PostgresGrantStore } from '../database/users/postgres-grant-store.ts'
import { PostgresRoleStore } from '../database/users/postgres-role-store.ts'
import { kindTags } from '../http/pulp/object-id.ts'
import { pulpSearchVocabulary } from '../http/pulp/search-vocabulary.ts'
import type { PulpServices, ServerStatus } from '../http/pulp/services.ts'
import { Authenticator } from '../operations/authenticate.ts'
import {
  requestOrphanDeletion,
  requestOrphanDeletionOfType,
  requestOrphanDeletionOfUnit,
  requestOrphanDeletionOfUnits,
} from '../operations/collect-orphans.ts'
import { requestRefresh, requestRefreshOfAll } from '../operations/content-sources/refresh-sources.ts'
import { requestCopy } from '../operations/copy-units.ts'
import { requestDownload } from '../operations/download-repository.ts'
import {
  addDistributor,
  requestDistributorRemoval,
  requestDistributorUpdate,
} from '../operations/manage-distributors.ts'
import { requestImporter, requestImporterRemoval, requestImporterUpdate } from '../operations/manage-importers.ts'
import { createRepository, requestRepositoryDeletion, updateRepository } from '../operations/manage-repositories.ts'
import { changeSchedule, createSchedule } from '../operations/manage-schedules.ts'
import { requestPublish } from '../operations/publish-repository.ts'
import { requestRemoval } from '../operations/remove-units.ts'
import { requestGroupPublish } from '../operations/repository-groups/publish-group.ts'
import { requestSync } from '../operations/sync-repository.ts'
import { requestImportUpload } from '../operations/uploads/import-upload.ts'
import { requestPromotion, requestRollback } from '../operations/versions/take-over-version.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { notifierRules } from './events.ts'

/** What the Pulp API needs, made of the stores and operations. */
export function pulpServices(services: Services, config: Config): PulpServices {
  const authenticator = new Authenticator(services.users)
  return {
    repositories: services.repositories,
    tasks: services.tasks,
    histories: services.histories,
    schedules: services.schedules,
    searches: new PostgresSearches(services.opened.database, pulpSearchVocabulary(services.plugins)),
    plugins: services.plugins,
    repositoryGroups: services.repositoryGroups,
    exports: services.exports,
    eventListeners: new PostgresEventListenerStore(services.opened.database),
    notifierRules: notifierRules(config),
    contentSources: services.contentSources,
    contentCatalog: services.contentCatalog,
    units: services.units,
    versions: services.versionHistory,
    orphans: services.orphans,
    uploads: services.uploads,
    users: services.users,
    roles: new PostgresRoleStore(services.opened.database),
    grants: new PostgresGrantStore(services.opened.database),
    authority: services.authority,
    signer: services.signer,
    consumerExists: async (id) => (await services.consumers.find(id)) !== undefined,
    consumers: { ...services, searches: new PostgresConsumerSearches(services.opened.database, kindTags) },
    platformVersion: config.platformVersion,
    authenticate: (header) => authenticator.authenticate(header),
    runningTasks: () => services.tasks.running(),
    status: () => status(services),
    operations: {
      createRepository: (input) => createRepository(services, input),
      updateRepository: (id, change) => updateRepository(services, id, change),
      deleteRepository: (id) => requestRepositoryDeletion(services, id),
      setImporter: (id, type, raw) => requestImporter(services, id, type, raw),
      updateImporter: (id, type, raw) => requestImporterUpdate(services, id, type, raw),
      removeImporter: (id, type) => requestImporterRemoval(services, id, type),
      addDistributor: (id, distributor) => addDistributor(services, id, distributor),
      updateDistributor: (id, name, change) => requestDistributorUpdate(services, id, name, change),
      removeDistributor: (id, name) => requestDistributorRemoval(services, id, name),
      syncRepository: (id, override) => requestSync(services, id, override),
      rollbackRepository: (id, order) => requestRollback(services, id, order),
      promoteRepository: (id, order) => requestPromotion(services, id, order),
      publishRepository: (id, distributor, override) => requestPublish(services, id, distributor, override),
      refreshContentSource: (id) => requestRefresh(services, id),
      refreshContentSources: () => requestRefreshOfAll(services),
      publishRepositoryGroup: (id, distributor, override) => requestGroupPublish(services, id, distributor, override),
      copyUnits: (id, order, permit) => requestCopy(services, id, order, permit),
      removeUnits: (id, criteria) => requestRemoval(services, id, criteria),
      createSchedule: (owner, wanted) => createSchedule(services, owner, wanted, new Date()),
      updateSchedule: (owner, key, change) => changeSchedule(services, owner, key, change, new Date()),
      deleteSchedule: (owner, key) => services.schedules.delete(owner, key),
      importUpload: (id, request) => requestImportUpload(services, id, request),
      deleteOrphans: () => requestOrphanDeletion(services),
      deleteOrphansOfType: (type) => requestOrphanDeletionOfType(services, type),
      deleteOrphan: (type, wireId) => requestOrphanDeletionOfUnit(services, type, wireId),
      deleteNamedOrphans: (units) => requestOrphanDeletionOfUnits(services, units),
      downloadRepository: (id, verifyAll) => requestDownload(services, id, verifyAll),
    },
  }
}

/** A database that does not answer is something that the status tells, not a failure of the status. */
async function status(services: Services): Promise<ServerStatus> {
  try {
    return { databaseConnected: true, workers: await services.tasks.workers() }
  } catch {
    return { databaseConnected: false, workers: [] }
  }
}
