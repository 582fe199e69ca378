import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { Distributor, GeneratedFile, PublishRun } from '../core/distributor.ts'
import { DeckleError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { MetadataSigner } from '../core/metadata-signer.ts'
import type {
  NewGeneratedFile,
  NewPublication,
  Publication,
  PublicationDraft,
  PublicationStore,
} from '../core/publication.ts'
import type { RepositoryDistributor } from '../core/repository.ts'
import type { RepositoryVersion, VersionStore } from '../core/repository-version.ts'
import type { ExportFolders } from '../core/safe-folder.ts'
import { isUnusableSegments, type SegmentedFiles } from '../core/segment.ts'
import type { Spool } from '../core/spool.ts'
import type { TaskRun } from '../core/task.ts'
import { deliverFiles, readStoredFile } from './deliver-files.ts'
import { GatheredFiles } from './gathered-files.ts'
import type { PublishRecorder } from './publish-recorder.ts'
import { HeldSegments } from './segments/held-segments.ts'
import { type SegmentsToTakeOver, storeSegments } from './segments/store-segments.ts'

interface Services {
  readonly versions: VersionStore
  readonly publications: PublicationStore
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly exports: ExportFolders
  /** Temporary files for one run. */
  openSpool(): Spool
  readonly signer: MetadataSigner
}

interface Work {
  readonly attached: RepositoryDistributor
  readonly distributor: Distributor
  readonly config: unknown
  readonly version: RepositoryVersion
  readonly wanted: NewPublication
  /** Files go to a folder besides, which may take long. */
  readonly delivers: boolean
  /** What the distributor shows now. */
  readonly live: Publication | undefined
  readonly recorder: PublishRecorder
}

/**
 * Builds a publication aside, checks it, writes the files that are for others and moves the live pointer. On any error nothing
 * that is served changes. Where the live publication turns out to be damaged, everything is made anew.
 */
export async function makePublication(services: Services, task: TaskRun, work: Work): Promise<void> {
  try {
    await makeOnce(services, task, work, new Previous(services, work.live))
  } catch (error) {
    if (!isUnusableSegments(error)) throw error
    task.signal.throwIfAborted()
    task.log.warn('the publication is made again in full', { reason: error.message })
    work.recorder.startAgain()
    await makeOnce(services, task, work, new Previous(services, undefined, true))
  }
}

async function makeOnce(services: Services, task: TaskRun, work: Work, previous: Previous): Promise<void> {
  let kept: Json | undefined
  const keep = (scratchpad: Json) => {
    kept = scratchpad
  }
  const draft = await services.publications.begin(work.wanted, task.fence)
  const files = new GatheredFiles(draft)
  const spool = services.openSpool()
  const run = publishRun(services, task, work, { previous, keep, spool })
  try {
    for await (const made of work.distributor.publish(run)) {
      task.signal.throwIfAborted()
      if ('segments' in made) await storeSegments(services, draft, made, previous.of(made), task.signal)
      else await files.add(await storeFile(services, made, task.signal))
    }
    // Last, since a distributor that refuses what it finds says more.
    await requireUniquePaths(draft, work)
    if (work.delivers) await files.write()
    await deliverFiles(services, work.distributor, run, `${work.attached.repositoryId}/${work.attached.id}`)
    task.signal.throwIfAborted()
  } catch (error) {
    // A task that lost its claim may not tidy up either; the next publish of this distributor does.
    await draft
      .abandon()
      .catch((reason: unknown) => task.log.warn('a draft publication stays for now', { reason: String(reason) }))
    throw error
  } finally {
    await spool.dispose()
  }
  await draft.activate({ files: files.take(), scratchpad: kept })
}

function publishRun(
  { versions, blobs, signer }: Services,
  task: TaskRun,
  work: Work,
  { previous, keep, spool }: { previous: Previous; keep: (scratchpad: Json) => void; spool: Spool },
): PublishRun<unknown> {
  const { attached, wanted, version, recorder } = work
  const place = { repositoryId: wanted.repositoryId, version: version.number }
  return {
    repository: { id: wanted.repositoryId },
    version,
    config: work.config,
    scratchpad: attached.scratchpad,
    keep,
    signal: task.signal,
    log: task.log,
    signer,
    read: (file) => readStoredFile(blobs, file),
    previous: (set, form) => previous.find(set, form),
    temporaryFolder: () => spool.folder(),
    units: (query) =>
      isEmpty(version, query) ? nothing() : versions.units({ ...place, scratch: () => spool.scratch(), ...query }),
    step: (name, state, counts) => recorder.step(name, state, counts),
  }
}

/** Whether a version is known to have nothing of that, so that the database need not be asked. What has gone since is not counted. */
function isEmpty({ counts }: RepositoryVersion, { types, differsFrom }: Parameters<PublishRun<unknown>['units']>[0]) {
  return differsFrom?.by !== 'removed' && types.every((type) => (counts[type] ?? 0) === 0)
}

async function* nothing(): AsyncGenerator<never> {}

/** Two different files cannot stand at one path; the layout maps unit files one to one. */
async function requireUniquePaths(draft: PublicationDraft, { live, wanted }: Work): Promise<void> {
  // What is live is never of a later version: a repository that goes back gets a new one.
  const isSound = live !== undefined && live.layout === wanted.layout
  const paths = await draft.conflictingPaths(5, isSound ? live.version : undefined)
  if (paths.length === 0) return
  throw new DeckleError('conflict', `several different files claim the same published path: ${paths.join(', ')}`)
}

/** Segments of the live publication, as far as they were asked for. */
class Previous {
  readonly #services: Services
  readonly #live: Publication | undefined
  readonly #replace: boolean
  readonly #held = new Map<string, HeldSegments>()

  /** `replace`: what is stored may be damaged. */
  constructor(services: Services, live: Publication | undefined, replace = false) {
    this.#services = services
    this.#live = live
    this.#replace = replace
  }

  async find(set: string, form: string): Promise<HeldSegments | undefined> {
    if (this.#live === undefined) return undefined
    const held = await HeldSegments.of(this.#services, this.#live, set, form)
    if (held !== undefined) this.#held.set(set, held)
    return held
  }

  of({ set }: SegmentedFiles): SegmentsToTakeOver {
    return { held: this.#held.get(set), replace: this.#replace }
  }
}

/** Stores the bytes of a generated file, of which nothing is in the publication yet. */
export async function storeFile(
  { blobs, blobCatalog }: Pick<Services, 'blobs' | 'blobCatalog'>,
  file: GeneratedFile,
  signal: AbortSignal,
): Promise<NewGeneratedFile> {
  const staged = await blobs.stage(file.body, { signal })
  const { sha256, size } = staged
  try {
    if (size > 0) {
      await blobCatalog.reserve([staged])
      await blobs.commit([staged])
    }
  } finally {
    await blobs.discard([staged])
  }
  file.stored?.({ sha256, size })
  const path = typeof file.path === 'string' ? file.path : file.path({ sha256, size })
  const rope = [{ sha256, offset: 0, length: size }]
  return { path, size, sha256, mediaType: file.mediaType, rope: size === 0 ? [] : rope }
}
