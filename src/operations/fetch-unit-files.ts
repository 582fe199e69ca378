import type { BlobStore, StagedBlob } from '../core/blob-store.ts'
import { type Expected, isMismatch } from '../core/digest.ts'
import { DeckleError, isUpstreamFault } from '../core/errors.ts'
import type { ExaminedUnit } from '../core/repository-version.ts'
import { maskUrlPasswords } from '../core/secrets.ts'
import type { SpaceGauge } from '../core/space.ts'
import type { Problem } from '../core/sync-progress.ts'
import type { DiscoveredFile, FoundUnit } from '../core/unit.ts'
import type { Upstream } from '../core/upstream.ts'
import type { Alternate, Alternates } from './content-sources/alternates.ts'
import { inspectStaged, inspectStored, withUninspected } from './inspect-files.ts'
import type { FileRecorder, SyncRecorder } from './sync-recorder.ts'
import { whileThereIsSpace } from './wait-for-space.ts'

/** Files of one unit that are fetched side by side: a kickstart tree may have thousands. */
const unitLanes = 8

/** What it takes to fetch files of units in a sync. */
export interface FetchContext {
  readonly upstream: Upstream
  readonly alternates: Alternates
  readonly blobs: BlobStore
  readonly space: SpaceGauge
  readonly recorder: SyncRecorder
  readonly signal: AbortSignal
}

type FileContext = Omit<FetchContext, 'recorder'> & { readonly recorder: FileRecorder }

/** A unit whose missing files are staged, but for dispensable ones that have `failed`; or which has a problem and is left out. */
export type FetchedUnit =
  | {
      readonly unit: FoundUnit
      readonly staged: ReadonlyMap<number, StagedBlob>
      readonly failed?: readonly Problem[]
    }
  | { readonly unit: FoundUnit; readonly problem: Problem }

/**
 * Fetches what the examined units lack, side by side; how many at once is the upstream's business. One bad unit does not
 * disturb the others. Rejects only when the whole run must end.
 */
export async function fetchUnitFiles(
  context: FetchContext,
  examined: readonly ExaminedUnit[],
): Promise<readonly FetchedUnit[]> {
  const units = examined.map(withUninspected)
  for (const { unit, missing } of units) {
    for (const { size } of filesToFetch(unit, missing)) context.recorder.filesOf(unit.type).planned(size)
  }
  const alternates = await findAlternates(context, units)
  const results = await Promise.allSettled(units.map((examined) => fetchUnit(context, examined, alternates)))
  const fetched = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure === undefined) return fetched
  await context.blobs.discard(fetched.flatMap((unit) => ('staged' in unit ? [...unit.staged.values()] : [])))
  throw failure.reason
}

/** What the importer makes itself is not fetched. */
function filesToFetch(unit: FoundUnit, missing: ExaminedUnit['missing']): readonly DiscoveredFile[] {
  return missing.flatMap(({ index }) => unit.files[index] ?? []).filter((file) => file.content === undefined)
}

type KnownAlternates = ReadonlyMap<DiscoveredFile, readonly Alternate[]>

/** One look for all of them. */
async function findAlternates({ alternates }: FetchContext, units: readonly ExaminedUnit[]): Promise<KnownAlternates> {
  const files = units.flatMap(({ unit, missing }) => filesToFetch(unit, missing))
  const found = await alternates.find(files.map(expectedOf))
  return new Map(files.map((file, index) => [file, found[index] ?? []]))
}

async function fetchUnit(
  context: FetchContext,
  examined: ExaminedUnit,
  alternates: KnownAlternates,
): Promise<FetchedUnit> {
  const refused = await inspectStored(context.blobs, examined)
  if (refused === undefined) return new MissingFiles(context, examined, alternates).fetch()
  return { unit: examined.unit, problem: toProblem(examined.unit, refused.file, refused.error) }
}

/** What one unit lacks. */
class MissingFiles {
  readonly #context: FileContext
  readonly #unit: FoundUnit
  readonly #missing: ExaminedUnit['missing']
  readonly #alternates: KnownAlternates
  readonly #staged = new Map<number, StagedBlob>()
  readonly #failed: Problem[] = []
  #begun = 0
  /** Why it is left out. */
  #lost: { readonly error: unknown; readonly problem: Problem | undefined } | undefined

  constructor(context: FetchContext, { unit, missing }: ExaminedUnit, alternates: KnownAlternates) {
    this.#context = { ...context, recorder: context.recorder.filesOf(unit.type) }
    this.#unit = unit
    this.#missing = missing
    this.#alternates = alternates
  }

  async fetch(): Promise<FetchedUnit> {
    const lanes = Math.min(unitLanes, this.#missing.length)
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()))
    const [unit, lost] = [this.#unit, this.#lost]
    if (lost === undefined) return { unit, staged: this.#staged, failed: this.#failed }
    await this.#context.blobs.discard([...this.#staged.values()])
    if (lost.problem === undefined) throw lost.error
    const left = filesToFetch(unit, this.#missing.slice(this.#begun))
    for (const { size } of left) this.#context.recorder.failed(size)
    return { unit, problem: lost.problem }
  }

  /** Of a unit that is left out nothing is fetched any more. */
  async #lane(): Promise<void> {
    while (this.#lost === undefined) {
      const next = this.#missing[this.#begun]
      if (next === undefined) return
      this.#begun += 1
      await this.#stage(next.index, this.#unit.files[next.index] as DiscoveredFile)
    }
  }

  async #stage(index: number, file: DiscoveredFile): Promise<void> {
    try {
      const blob = await fetchFile(this.#context, file, this.#alternates.get(file) ?? [])
      this.#staged.set(index, blob)
      await inspectStaged(this.#context.blobs, file, blob)
    } catch (error) {
      const problem = isUpstreamFault(error) ? toProblem(this.#unit, file, error) : undefined
      if (problem === undefined || file.dispensableAs === undefined) this.#lose(error, problem)
      else this.#failed.push({ ...problem, type: file.dispensableAs, key: {} })
    }
  }

  /** The first reason counts, unless a later one ends the whole run. */
  #lose(error: unknown, problem: Problem | undefined): void {
    if (this.#lost === undefined || problem === undefined) this.#lost = { error, problem }
  }
}

/**
 * Tries other places that have the bytes, then the file's own sources, in order; the last error counts. What the importer makes itself
 * needs none.
 */
async function fetchFile(
  context: FileContext,
  file: DiscoveredFile,
  alternates: readonly Alternate[],
): Promise<StagedBlob> {
  if (file.content !== undefined) return stageMade(context, file, file.content())
  let failure: unknown = new DeckleError('upstream', `no source is known for ${file.path}`, { code: 'no_source' })
  const { upstream, signal } = context
  const places = [
    ...alternates.map(
      (one): Download =>
        (consume) =>
          context.alternates.download(one, consume, signal),
    ),
    ...file.urls.map(
      (url): Download =>
        (consume) =>
          upstream.download(url, consume, signal),
    ),
  ]
  for (const download of places) {
    try {
      return await fetchFrom(context, file, download)
    } catch (error) {
      if (!isUpstreamFault(error)) throw error
      failure = error
    }
  }
  context.recorder.failed(file.size)
  throw failure
}

/** Nothing is fetched, so nothing is counted. */
function stageMade(
  { blobs, space, signal }: FileContext,
  file: DiscoveredFile,
  content: AsyncIterable<Uint8Array>,
): Promise<StagedBlob> {
  return blobs.stage(whileThereIsSpace(space, content), { expected: expectedOf(file), signal })
}

function expectedOf({ digests, size }: DiscoveredFile): Expected {
  return { digests, ...(size !== undefined && { size }) }
}

type Download = (consume: (body: AsyncIterable<Uint8Array>) => Promise<StagedBlob>) => Promise<StagedBlob>

async function fetchFrom(context: FileContext, file: DiscoveredFile, download: Download): Promise<StagedBlob> {
  const { blobs, space, recorder, signal } = context
  const expected = expectedOf(file)
  const meter = new Meter(recorder)
  try {
    const staged = await download((body) => {
      meter.restart()
      return blobs.stage(meter.count(whileThereIsSpace(space, body)), { expected, signal })
    })
    recorder.done(file.size, staged.size)
    return staged
  } catch (error) {
    meter.restart()
    throw error
  }
}

/** Tells the recorder of bytes as they come, and takes them back when a transfer starts again. */
class Meter {
  readonly #recorder: FileRecorder
  #moved = 0

  constructor(recorder: FileRecorder) {
    this.#recorder = recorder
  }

  restart(): void {
    this.#recorder.moved(-this.#moved)
    this.#moved = 0
  }

  async *count(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      this.#moved += chunk.length
      this.#recorder.moved(chunk.length)
      yield chunk
    }
  }
}

function toProblem(unit: FoundUnit, file: DiscoveredFile, error: DeckleError): Problem {
  const code = error.details.code ?? error.kind
  const url = file.urls.at(-1)
  return {
    stage: isMismatch(error) ? 'verify' : 'file',
    type: unit.type,
    key: unit.key,
    name: file.path,
    reason: error.message,
    code,
    ...(url !== undefined && { url: maskUrlPasswords(url) }),
    ...(error.details.data !== undefined && { data: error.details.data }),
  }
}
