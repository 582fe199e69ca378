import type { ContentSources } from '../core/content-source.ts'
import { DeckleError, invalid, notFound } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import type { ScheduleOwner } from '../core/schedule.ts'
import type { NewTask, Task } from '../core/task.ts'
import type { AssociationCriteria } from '../core/unit-reader.ts'
import type { AddDistributor, CreateRepository, PulpOperations, UpdateRepository } from '../http/pulp/services.ts'
import type { Permit } from '../operations/additional-copies.ts'
import {
  requestOrphanDeletion,
  requestOrphanDeletionOfType,
  requestOrphanDeletionOfUnit,
  requestOrphanDeletionOfUnits,
} from '../operations/collect-orphans.ts'
import { requestRefresh, requestRefreshOfAll } from '../operations/content-sources/refresh-sources.ts'
import { type CopyOrder, requestCopy } from '../operations/copy-units.ts'
import { changeSchedule, createSchedule, type ScheduleChange } from '../operations/manage-schedules.ts'
import { requestRemoval } from '../operations/remove-units.ts'
import { requestGroupPublish } from '../operations/repository-groups/publish-group.ts'
import { type ImportRequest, requestImportUpload } from '../operations/uploads/import-upload.ts'
import type { PromotionOrder, RollbackOrder } from '../operations/versions/take-over-version.ts'
import type { MemoryOrphans } from './memory-orphans.ts'
import type { MemoryRepositories } from './memory-repositories.ts'
import type { MemoryRepositoryGroups } from './memory-repository-groups.ts'
import type { MemorySchedules } from './memory-schedules.ts'
import type { MemoryTasks } from './memory-tasks.ts'

/** The Pulp API's operations without rules of their own beyond those that the API prints in a particular way. */
export class MemoryOperations implements PulpOperations {
  readonly #repositories: MemoryRepositories
  readonly #tasks: MemoryTasks
  readonly #plugins: Plugins

  readonly #orphans: MemoryOrphans
  readonly #schedules: MemorySchedules
  readonly #groups: MemoryRepositoryGroups
  readonly #sources: ContentSources

  constructor(
    repositories: MemoryRepositories,
    tasks: MemoryTasks,
    plugins: Plugins,
    orphans: MemoryOrphans,
    schedules: MemorySchedules,
    groups: MemoryRepositoryGroups,
    sources: ContentSources,
  ) {
    this.#schedules = schedules
    this.#groups = groups
    this.#sources = sources
    this.#orphans = orphans
    this.#repositories = repositories
    this.#tasks = tasks
    this.#plugins = plugins
  }

  async createRepository(input: CreateRepository) {
    if (/[^.\-_A-Za-z0-9]/.test(input.id)) throw invalid('the id has characters that it may not have', ['repo_id'])
    if (input.importer !== undefined) this.#checkImporter(input.importer.type, input.importer.config)
    const distributors = input.distributors.map((distributor) => this.#checkDistributor(distributor))
    const { id, displayName = id, description, notes, retainVersions = null } = input
    return this.#repositories.create(
      { id, displayName, description, notes, retainVersions },
      input.importer,
      distributors,
    )
  }

  async updateRepository(id: string, change: UpdateRepository) {
    if (change.importerConfig !== undefined) await this.#repositories.updateImporter(id, change.importerConfig)
    const repository = await this.#repositories.update(id, change.delta ?? {})
    const tasks = Object.keys(change.distributorConfigs ?? {}).map((distributor) =>
      task('update-distributor', id, { distributor }, 'update_distributor'),
    )
    return { repository, spawned: await this.#tasks.enqueue(tasks) }
  }

  deleteRepository(id: string) {
    return this.#queue(task('delete-repository', id, {}, 'delete'))
  }

  async setImporter(repositoryId: string, type: string, config: JsonObject) {
    this.#checkImporter(type, config)
    return this.#queue(task('set-importer', repositoryId, { type, config }, 'add_importer', 'update_importer'))
  }

  async updateImporter(repositoryId: string, type: string, config: JsonObject) {
    await this.#requireImporter(repositoryId, type)
    return this.#queue(task('update-importer', repositoryId, { config }, 'update_importer'))
  }

  async removeImporter(repositoryId: string, type: string) {
    await this.#requireImporter(repositoryId, type)
    return this.#queue(task('remove-importer', repositoryId, {}, 'delete_importer'))
  }

  async addDistributor(repositoryId: string, distributor: AddDistributor) {
    return this.#repositories.setDistributor(repositoryId, this.#checkDistributor(distributor))
  }

  async updateDistributor(repositoryId: string, id: string, change: JsonObject) {
    await this.#repositories.distributor(repositoryId, id)
    return this.#queue(task('update-distributor', repositoryId, { distributor: id, change }, 'update_distributor'))
  }

  async removeDistributor(repositoryId: string, id: string) {
    await this.#repositories.distributor(repositoryId, id)
    return this.#queue(task('remove-distributor', repositoryId, { distributor: id }, 'remove_distributor'))
  }

  syncRepository(repositoryId: string, override: JsonObject) {
    return this.#queue(task('sync-repository', repositoryId, { override }, 'sync'))
  }

  publishRepository(repositoryId: string, distributor: string, override: JsonObject) {
    return this.#queue(task('publish-repository', repositoryId, { distributor, override }, 'publish'))
  }

  refreshContentSource(id: string) {
    return requestRefresh({ contentSources: this.#sources, tasks: this.#tasks }, id)
  }

  refreshContentSources() {
    return requestRefreshOfAll({ contentSources: this.#sources, tasks: this.#tasks })
  }

  publishRepositoryGroup(groupId: string, distributorId: string, override: JsonObject) {
    const services = { repositoryGroups: this.#groups, tasks: this.#tasks }
    return requestGroupPublish(services, groupId, distributorId, override)
  }

  rollbackRepository(repositoryId: string, { version, publish }: RollbackOrder) {
    return this.#queue(task('rollback-repository', repositoryId, { version, publish }, 'rollback'))
  }

  promoteRepository(repositoryId: string, { sourceId, version = 0, publish }: PromotionOrder) {
    return this.#queue(task('promote-repository', repositoryId, { source: sourceId, version, publish }, 'promote'))
  }

  downloadRepository(repositoryId: string, verifyAll: boolean) {
    const queued = task('download-repository', repositoryId, { verify: verifyAll }, 'download', 'download_repo')
    return this.#queue({ ...queued, resources: [] })
  }

  copyUnits(repositoryId: string, order: CopyOrder, permit: Permit) {
    return requestCopy(this.#requestServices(), repositoryId, order, permit)
  }

  removeUnits(repositoryId: string, criteria: AssociationCriteria) {
    return requestRemoval(this.#requestServices(), repositoryId, criteria)
  }

  createSchedule(owner: ScheduleOwner, wanted: ScheduleChange & { text: string }) {
    return createSchedule(this.#scheduleServices(), owner, wanted, new Date())
  }

  updateSchedule(owner: ScheduleOwner, key: number, change: ScheduleChange) {
    return changeSchedule(this.#scheduleServices(), owner, key, change, new Date())
  }

  deleteSchedule(owner: ScheduleOwner, key: number) {
    return this.#schedules.delete(owner, key)
  }

  importUpload(repositoryId: string, request: ImportRequest) {
    return requestImportUpload({ tasks: this.#tasks }, repositoryId, request)
  }

  deleteOrphans() {
    return requestOrphanDeletion(this.#orphanServices())
  }

  deleteOrphansOfType(type: string) {
    return requestOrphanDeletionOfType(this.#orphanServices(), type)
  }

  deleteOrphan(type: string, wireId: string) {
    return requestOrphanDeletionOfUnit(this.#orphanServices(), type, wireId)
  }

  deleteNamedOrphans(units: readonly Json[]) {
    return requestOrphanDeletionOfUnits(this.#orphanServices(), units)
  }

  #requestServices() {
    return { plugins: this.#plugins, repositories: this.#repositories, tasks: this.#tasks }
  }

  #scheduleServices() {
    return { plugins: this.#plugins, repositories: this.#repositories, schedules: this.#schedules }
  }

  #orphanServices() {
    return { plugins: this.#plugins, orphans: this.#orphans, tasks: this.#tasks }
  }

  async #queue(next: NewTask): Promise<Task> {
    await this.#repositories.get(String(next.arguments['repository']))
    const [queued] = await this.#tasks.enqueue([next])
    if (queued === undefined) throw new Error('nothing was queued')
    return queued
  }

  async #requireImporter(repositoryId: string, type: string): Promise<void> {
    await this.#repositories.get(repositoryId)
    const importer = await this.#repositories.importer(repositoryId)
    if (importer?.type !== type) throw notFound({ importer_id: type })
  }

  #checkImporter(type: string, config: JsonObject): void {
    const importer = this.#plugins.findImporter(type)
    if (importer === undefined) {
      const details = { code: 'unknown-importer-type', data: { importer_type_id: type } }
      throw new DeckleError('invalid', `There is no importer ${type}`, details)
    }
    refuseAs('importer-config', () => importer.config.parse(config))
  }

  #checkDistributor(distributor: AddDistributor) {
    const plugin = this.#plugins.findDistributor(distributor.type)
    if (plugin === undefined) throw invalid('unknown type', ['distributor_type_id'])
    refuseAs('distributor-config', () => plugin.config.parse(distributor.config))
    return { id: 'generated', ...distributor }
  }
}

function refuseAs(code: string, parse: () => unknown): void {
  try {
    parse()
  } catch (error) {
    throw new DeckleError('invalid', error instanceof Error ? error.message : '', { code })
  }
}

function task(operation: string, repository: string, more: JsonObject, ...actions: readonly string[]): NewTask {
  const tags = [`repository:${repository}`, ...actions.map((action) => `action:${action}`)]
  return { operation, arguments: { repository, ...more }, tags, resources: [`repository:${repository}`] }
}
