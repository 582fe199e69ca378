import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { BlobStore, StagedBlob } from '../core/blob-store.ts'
import { DeckleError } from '../core/errors.ts'
import type { DisplacedUnit, SyncEvent, SyncPolicy } from '../core/importer.ts'
import type { Json } from '../core/json.ts'
import type { ExaminedUnit, ReadyUnit, VersionCommit, VersionDraft } from '../core/repository-version.ts'
import { requireSpace, type SpaceGauge } from '../core/space.ts'
import type { FoundUnit } from '../core/unit.ts'
import type { Upstream } from '../core/upstream.ts'
import { BatchPipeline } from './batch-pipeline.ts'
import { type Alternates, noAlternates } from './content-sources/alternates.ts'
import { DocumentMemory } from './document-memory.ts'
import { type FetchedUnit, fetchUnitFiles } from './fetch-unit-files.ts'
import { withoutSpared } from './spared-units.ts'
import type { SyncRecorder } from './sync-recorder.ts'

/**
 * Units that go through the catalog in one transaction, at most, and bytes of their documents. Half as many where their files are
 * fetched, since those are known as stored only with the whole batch.
 */
const batchUnits = 256
const batchBytes = 4 * 1024 * 1024

/** How often a unit is put in while the bytes that it is to share are being deleted. */
const addAttempts = 5

export interface SyncSessionContext {
  /** What there is, read once. */
  readonly events: AsyncIterable<SyncEvent>
  readonly signal: AbortSignal
  readonly policy: SyncPolicy
  readonly draft: VersionDraft
  /** What the importer has kept by now. */
  readonly kept: () => Json | undefined
  readonly upstream: Upstream
  /** None when absent. */
  readonly alternates?: Alternates
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly space: SpaceGauge
  readonly recorder: SyncRecorder
}

/** Takes in what an importer finds and makes the next version of it. */
export class SyncSession {
  readonly #context: SyncSessionContext
  readonly #pipeline: BatchPipeline<Batch<FoundUnit>, Batch<FetchedUnit>>
  readonly #documents = new DocumentMemory()
  readonly #complete = new Set<string>()
  readonly #only = new Set<string>()
  readonly #displaced: DisplacedUnit[] = []
  readonly #batchUnits: number
  #pending: FoundUnit[] = []
  #pendingBytes = 0
  #remember: Json | undefined

  constructor(context: SyncSessionContext) {
    this.#context = context
    const fetches = context.policy.download === 'immediate'
    this.#batchUnits = fetches ? batchUnits / 2 : batchUnits
    this.#pipeline = new BatchPipeline(
      {
        fetch: async ({ units, release }) => ({ units: await this.#fetchDurably(units), release }),
        store: (fetched) => this.#store(fetched),
      },
      fetches ? 4 : 2,
    )
  }

  async run(): Promise<VersionCommit> {
    await this.fill()
    return this.commit()
  }

  /** Stores everything that is found; nobody sees it yet. */
  async fill(): Promise<void> {
    const { events, signal } = this.#context
    try {
      for await (const event of events) {
        signal.throwIfAborted()
        await this.#take(event)
      }
      await this.#flush()
      await this.#pipeline.drain()
    } finally {
      await this.#pipeline.settle()
    }
    signal.throwIfAborted()
  }

  /** Makes a version of what was stored. */
  async commit(): Promise<VersionCommit> {
    const { draft, kept, recorder } = this.#context
    const gone = withoutSpared(this.#displaced, recorder)
    if (gone.length > 0) await draft.drop(gone.map(({ id }) => id))
    const types = this.#typesThatLose()
    if (types.length > 0) await draft.removeMissing(types)
    return draft.commit(recorder.problems.length === 0 ? this.#remember : undefined, kept())
  }

  #typesThatLose(): readonly string[] {
    const { policy, recorder } = this.#context
    const only = [...this.#only].filter((type) => !recorder.troubledTypes.has(type))
    return [...new Set([...only, ...(policy.removeMissing ? this.#complete : [])])]
  }

  async #take(event: SyncEvent): Promise<void> {
    if ('units' in event) await this.#takeUnits(event.units)
    else if ('complete' in event) for (const type of event.complete) this.#complete.add(type)
    else if ('only' in event) for (const type of event.only) this.#only.add(type)
    else if ('displaced' in event) this.#displaced.push(...event.displaced)
    else if ('remember' in event) this.#remember = event.remember
    else {
      this.#context.draft.keep([{ type: event.problem.type, key: event.problem.key }])
      this.#context.recorder.problem(event.problem)
    }
  }

  async #takeUnits(units: readonly FoundUnit[]): Promise<void> {
    for (const unit of units) {
      this.#pending.push(this.#documents.hold(unit))
      for (const name in unit.documents) this.#pendingBytes += unit.documents[name]?.length ?? 0
      if (this.#pending.length >= this.#batchUnits || this.#pendingBytes >= batchBytes) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const batch = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    if (batch.length > 0) await this.#pipeline.push({ units: batch, release: this.#documents.endBatch() })
  }

  async #fetch(batch: readonly FoundUnit[]): Promise<readonly FetchedUnit[]> {
    const { draft, policy, upstream, alternates = noAlternates, blobs, space, recorder, signal } = this.#context
    await requireSpace(space)
    const examined = await draft.examine(batch)
    const context = { upstream, alternates, blobs, space, recorder, signal }
    if (policy.download === 'immediate') return fetchUnitFiles(context, examined)
    if (examined.some(makesFiles)) return fetchUnitFiles(context, examined.map(withMadeFiles))
    return examined.map(({ unit }) => ({ unit, staged: noneStaged }))
  }

  /**
   * Flushed while other batches are fetched or recorded: only records have an order. Bytes that will not be recorded, because a batch
   * before failed, go when their reservations have run out.
   */
  async #fetchDurably(batch: readonly FoundUnit[]): Promise<readonly FetchedUnit[]> {
    const { blobs, blobCatalog } = this.#context
    const units = await this.#fetch(batch)
    const staged = units.flatMap(stagedOf)
    try {
      await blobCatalog.reserve(staged)
      // What lies there under their names was not called stored: it may be damaged.
      await blobs.commit(staged, { replace: true })
    } catch (error) {
      await blobs.discard(staged)
      throw error
    }
    return units
  }

  async #store({ units, release }: Batch<FetchedUnit>): Promise<void> {
    await this.#add(units)
    release()
    const counts = Map.groupBy(units, (fetched) => fetched.unit.type)
    for (const [type, group] of counts) this.#context.recorder.unitsDone(type, group.length)
  }

  /** Units whose shared bytes were deleted at this moment are looked up and fetched once more. */
  async #add(units: readonly FetchedUnit[], attempt = 1): Promise<void> {
    const again = await this.#context.draft.add(this.#ready(units))
    if (again.length === 0) return
    if (attempt === addAttempts)
      throw new DeckleError('conflict', `stored files of ${nameOf(again)} vanish again and again`)
    await this.#add(await this.#fetchDurably(again), attempt + 1)
  }

  #ready(units: readonly FetchedUnit[]): readonly ReadyUnit[] {
    const ready: ReadyUnit[] = []
    for (const fetched of units) {
      if ('problem' in fetched) {
        this.#context.draft.keep([fetched.unit])
        this.#context.recorder.problem(fetched.problem)
      } else {
        for (const problem of fetched.failed ?? []) this.#context.recorder.problem(problem)
        ready.push({ unit: fetched.unit, fetched: fetched.staged })
      }
    }
    return ready
  }
}

const noneStaged: ReadonlyMap<number, StagedBlob> = new Map()

/** Units that go through the catalog together; `release` gives back the memory of their documents. */
interface Batch<Unit> {
  readonly units: readonly Unit[]
  readonly release: () => void
}

function makesFiles({ unit }: ExaminedUnit): boolean {
  return unit.files.some((file) => file.content !== undefined)
}

/** Without the files that can be fetched later. */
function withMadeFiles({ unit, missing }: ExaminedUnit): ExaminedUnit {
  return { unit, missing: missing.filter(({ index }) => unit.files[index]?.content !== undefined) }
}

function nameOf(units: readonly FoundUnit[]): string {
  const [first] = units
  const others = units.length > 1 ? ` and ${units.length - 1} other units` : ''
  return `${first?.type} ${JSON.stringify(first?.key)}${others}`
}

function stagedOf(fetched: FetchedUnit): readonly StagedBlob[] {
  return 'problem' in fetched ? [] : [...fetched.staged.values()]
}
