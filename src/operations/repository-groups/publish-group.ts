import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import { DeckleError, toErrorReport } from '../../core/errors.ts'
import type { GroupDistributor, GroupMember, GroupPublishRun } from '../../core/group-distributor.ts'
import { effectiveConfig } from '../../core/importer.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { MetadataSigner } from '../../core/metadata-signer.ts'
import type { PublicationStore } from '../../core/publication.ts'
import type { Repository, RepositoryStore } from '../../core/repository.ts'
import type { AttachedGroupDistributor } from '../../core/repository-group.ts'
import type { VersionStore } from '../../core/repository-version.ts'
import type { ExportFolders } from '../../core/safe-folder.ts'
import type { Spool } from '../../core/spool.ts'
import type { NewTask, Task, TaskOutcome, TaskRun, TaskStore } from '../../core/task.ts'
import { readStoredFile } from '../deliver-files.ts'
import { GatheredFiles } from '../gathered-files.ts'
import { lacksFiles } from '../lacks-files.ts'
import { storeFile } from '../make-publication.ts'
import { enqueueOne } from '../manage-services.ts'
import { PublishRecorder } from '../publish-recorder.ts'
import { objectArgument, textArgument } from '../task-arguments.ts'
import { checkGroupConfig, type GroupDistributorServices } from './group-distributors.ts'
import { MadeFolder } from './made-folder.ts'

export interface GroupPublishServices extends GroupDistributorServices {
  readonly exports: ExportFolders
  readonly repositories: RepositoryStore
  readonly versions: VersionStore
  readonly blobs: BlobStore
  readonly blobCatalog: BlobCatalog
  readonly publications: PublicationStore
  readonly signer: MetadataSigner
  /** Temporary files for one run. */
  openSpool(): Spool
}

/** The task that publishes the repositories of a group through one of its distributors (pulp2-api §3.5, §3.6). */
export function groupPublishTask(groupId: string, distributorId: string, override: JsonObject = {}): NewTask {
  return {
    operation: 'publish-repository-group',
    arguments: { group: groupId, distributor: distributorId, override },
    tags: [`repository_group:${groupId}`, `repository_group_distributor:${distributorId}`, 'action:publish'],
    resources: [`repository_group:${groupId}`],
  }
}

/** Queues a publish; throws kind `not-found` at once for a group or distributor that is not there. */
export async function requestGroupPublish(
  services: Pick<GroupDistributorServices, 'repositoryGroups'> & { readonly tasks: TaskStore },
  groupId: string,
  distributorId: string,
  override: JsonObject,
): Promise<Task> {
  await services.repositoryGroups.distributor(groupId, distributorId)
  return enqueueOne(services.tasks, groupPublishTask(groupId, distributorId, override))
}

/** Task. Fills the folder of a group distributor, or makes its publication, of what the latest versions of the repositories hold. */
export async function publishGroup(services: GroupPublishServices, run: TaskRun): Promise<TaskOutcome> {
  const attached = await services.repositoryGroups.distributor(
    textArgument(run.task, 'group'),
    textArgument(run.task, 'distributor'),
  )
  const plugin = services.plugins.groupDistributor(attached.type)
  const describe = (progress: Parameters<GroupDistributor['describe']>[0]) => ({
    report: plugin.describe(progress),
    summary: null,
    details: null,
  })
  const recorder = new PublishRecorder({ describe }, attached.id, (report) => run.progress(report))
  try {
    const kept = await makeReadable(services, run, { attached, plugin, recorder })
    await services.repositoryGroups.published(attached.key, kept, run.fence)
    recorder.end('finished')
    return {}
  } catch (error) {
    recorder.end(run.signal.aborted ? 'cancelled' : 'failed', toErrorReport(error).message)
    throw error
  }
}

interface Work {
  readonly attached: AttachedGroupDistributor
  readonly plugin: GroupDistributor
  readonly recorder: PublishRecorder
}

/** Returns what the distributor wants to keep. */
async function makeReadable(
  services: GroupPublishServices,
  task: TaskRun,
  { attached, plugin, recorder }: Work,
): Promise<Json | undefined> {
  const raw = effectiveConfig(attached.config, objectArgument(task.task, 'override'))
  const config = await checkGroupConfig(services, plugin, attached, raw)
  const repositories = await members(services, attached.groupId, plugin.takesFiles?.(config))
  let kept: Json | undefined
  const spool = services.openSpool()
  const run: GroupPublishRun<unknown> = {
    group: { id: attached.groupId },
    repositories: await Promise.all(repositories.map((repository) => toMember(services, repository))),
    config,
    scratchpad: attached.scratchpad,
    signal: task.signal,
    log: task.log,
    signer: services.signer,
    keep: (scratchpad) => {
      kept = scratchpad
    },
    step: (name, state, counts) => recorder.step(name, state, counts),
    temporaryFolder: () => spool.folder(),
  }
  try {
    await fillFolder(services, attached, plugin, run)
    await makePublication(services, { task, attached, plugin, run, raw })
  } finally {
    await spool.dispose()
  }
  return kept
}

type Made = GroupPublishRun<unknown>

async function fillFolder(
  services: GroupPublishServices,
  { groupId, id }: AttachedGroupDistributor,
  plugin: GroupDistributor,
  run: Made,
): Promise<void> {
  const folder = plugin.folder(run.config)
  if (folder === undefined) return
  const filling = { folder, owner: `group ${groupId}/${id}`, signal: run.signal }
  await services.exports.fill(filling, async (filled) => {
    await plugin.publish(run, new MadeFolder(filled, () => services.openSpool()))
    run.signal.throwIfAborted()
    await requireWhole(services.versions, run.repositories)
  })
}

interface Publishing {
  readonly task: TaskRun
  readonly attached: AttachedGroupDistributor
  readonly plugin: GroupDistributor
  readonly run: Made
  /** The config that the publication is sealed with. */
  readonly raw: JsonObject
}

/** Builds it aside and moves the live pointer. On any error nothing that is served changes. */
async function makePublication(
  services: GroupPublishServices,
  { task, attached, plugin, run, raw }: Publishing,
): Promise<void> {
  const { serving } = plugin
  if (serving === undefined) return
  const basePath = serving.basePath(run.config, attached.groupId)
  const wanted = { groupDistributorKey: attached.key, distributorType: plugin.id, config: raw, basePath }
  const draft = await services.publications.beginGroup(wanted, task.fence)
  const files = new GatheredFiles(draft)
  try {
    for await (const file of serving.files(run)) {
      task.signal.throwIfAborted()
      await files.add(await storeFile(services, file, task.signal))
    }
    await requireWhole(services.versions, run.repositories)
  } catch (error) {
    // A task that lost its claim may not tidy up either; the next publish does.
    await draft.abandon().catch((reason: unknown) => task.log.warn('a draft stays for now', { reason: String(reason) }))
    throw error
  }
  await draft.activate({ files: files.take() })
}

/** Throws kind `conflict`, code PLP0046, when files of them are not stored (pulp2-api §2.3). */
async function members(
  services: GroupPublishServices,
  groupId: string,
  types: readonly string[] | undefined,
): Promise<readonly Repository[]> {
  const { repositoryIds } = await services.repositoryGroups.get(groupId)
  const details = await services.repositories.details(repositoryIds)
  const repositories = details.map(({ repository }) => repository)
  const missing: string[] = []
  for (const repository of repositories) {
    const taken = types ?? Object.keys(repository.counts)
    if (await lacksFiles(services.repositories, repository, taken)) missing.push(repository.id)
  }
  if (missing.length === 0) return repositories
  const message = `files of ${missing.join(', ')} are not stored: download them first (actions/download/)`
  throw new DeckleError('conflict', message, { code: 'PLP0046', data: { repos: missing } })
}

/** Throws when units of a version that was read have been taken away meanwhile. */
async function requireWhole(versions: VersionStore, repositories: readonly GroupMember[]): Promise<void> {
  for (const { repository, version } of repositories) {
    const now = await versions.get(repository.id, version.number)
    if (!now.pruned) continue
    throw new DeckleError('conflict', `${repository.id} has changed while it was read: publish the group again`)
  }
}

async function toMember({ versions, blobs }: GroupPublishServices, { id, latest }: Repository): Promise<GroupMember> {
  const version = await versions.get(id, latest)
  return {
    repository: { id },
    version,
    units: (query) => versions.units({ repositoryId: id, version: version.number, ...query }),
    read: (file) => readStoredFile(blobs, file),
  }
}
