import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { FetchCounts, PartState, Problem, SyncDescription, SyncProgress } from '../core/sync-progress.ts'

type Parts = Record<string, { state: PartState; error?: string; entered: Partial<Record<PartState, Date>> }>

/** Told one by one; a hostile upstream can have any number, and all of them stand in each report. */
export const mostProblems = 10_000

/** Shortest time between two reports to the task engine, which throttles once more before it writes. */
const reportEveryMs = 250

/** Gathers what happens in a sync and reports it in the importer's own shape. */
export class SyncRecorder {
  readonly #importer: Pick<Importer, 'id' | 'describe'>
  readonly #report: (progress: JsonObject) => void
  readonly #parts: Parts = {}
  readonly #units = new Map<string, { total: number; done: number }>()
  readonly #fetches = new Map<string, FileRecorder>()
  readonly #problems: Problem[] = []
  readonly #troubledTypes = new Set<string>()
  /** Problems that are only counted, and the last of them. */
  #untold: { readonly count: number; readonly last: Problem } | undefined
  #state: SyncProgress['state'] = 'running'
  #error: string | undefined
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(importer: Pick<Importer, 'id' | 'describe'>, report: (progress: JsonObject) => void) {
    this.#importer = importer
    this.#report = report
    this.#publish()
  }

  /** The first ones, and one that tells how many more there are. */
  get problems(): readonly Problem[] {
    return this.#untold === undefined ? this.#problems : [...this.#problems, more(this.#untold)]
  }

  /** Whether there are more. */
  get untold(): boolean {
    return this.#untold !== undefined
  }

  /** Of units with a problem, whether it is told or not. */
  get troubledTypes(): ReadonlySet<string> {
    return this.#troubledTypes
  }

  part(name: string, state: PartState, error?: string): void {
    const entered = { ...this.#parts[name]?.entered, [state]: new Date() }
    this.#parts[name] = { state, entered, ...(error !== undefined && { error }) }
    this.#publish()
  }

  expect(type: string, units: number): void {
    this.#unit(type).total = units
    this.#publish()
  }

  unitsDone(type: string, count: number): void {
    const unit = this.#unit(type)
    unit.done += count
    unit.total = Math.max(unit.total, unit.done)
    this.#changed()
  }

  /** Where to say how the files of units of a type come along. */
  filesOf(type: string): FileRecorder {
    const files = this.#fetches.get(type) ?? new FileRecorder(() => this.#changed())
    this.#fetches.set(type, files)
    return files
  }

  problem(problem: Problem): void {
    this.#troubledTypes.add(problem.type)
    if (this.#problems.length < mostProblems) this.#problems.push(problem)
    else this.#untold = { count: (this.#untold?.count ?? 0) + 1, last: problem }
    this.#changed()
  }

  end(state: Exclude<SyncProgress['state'], 'running'>, error?: string): SyncDescription {
    this.#state = state
    this.#error = error
    for (const part of Object.values(this.#parts)) {
      if (part.state !== 'in-progress') continue
      part.state = state
      part.entered = { ...part.entered, [state]: new Date() }
    }
    return this.#publish()
  }

  #unit(type: string): { total: number; done: number } {
    const unit = this.#units.get(type) ?? { total: 0, done: 0 }
    this.#units.set(type, unit)
    return unit
  }

  #changed(): void {
    if (performance.now() - this.#reportedAt >= reportEveryMs) this.#publish()
  }

  #publish(): SyncDescription {
    this.#reportedAt = performance.now()
    const fetches = [...this.#fetches].map(([type, recorder]) => [type, recorder.counts] as const)
    const description = this.#importer.describe({
      state: this.#state,
      parts: this.#parts,
      units: Object.fromEntries(this.#units),
      ...sumOf(fetches.map(([, counts]) => counts)),
      fetches: Object.fromEntries(fetches),
      problems: this.problems,
      ...(this.#error !== undefined && { error: this.#error }),
    })
    this.#report({ [this.#importer.id]: description.report })
    return description
  }
}

/** Gathers how files of units of one type are fetched. */
export class FileRecorder {
  readonly #changed: () => void
  readonly #files = { total: 0, done: 0, failed: 0 }
  readonly #bytes = { total: 0, done: 0 }

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get counts(): FetchCounts {
    return { files: this.#files, bytes: this.#bytes }
  }

  planned(sizeBytes: number | undefined): void {
    this.#files.total += 1
    this.#bytes.total += sizeBytes ?? 0
    this.#changed()
  }

  /** Bytes of a file that is on its way; negative when a broken transfer starts again. */
  moved(sizeBytes: number): void {
    this.#bytes.done += sizeBytes
    this.#changed()
  }

  /** `moved` is what `moved` was told of this file. */
  done(plannedBytes: number | undefined, moved: number): void {
    this.#files.done += 1
    this.#bytes.total += moved - (plannedBytes ?? 0)
    this.#changed()
  }

  /** What did not arrive counts as dealt with, so that what is left goes to zero. */
  failed(plannedBytes: number | undefined): void {
    this.#files.done += 1
    this.#files.failed += 1
    this.#bytes.done += plannedBytes ?? 0
    this.#changed()
  }
}

function more({ count, last }: { readonly count: number; readonly last: Problem }): Problem {
  const { stage, type } = last
  return { stage, type, key: {}, name: `${count} more`, reason: `and ${count} more problems`, code: 'more_problems' }
}

function sumOf(all: readonly FetchCounts[]): FetchCounts {
  const files = { total: 0, done: 0, failed: 0 }
  const bytes = { total: 0, done: 0 }
  for (const one of all) {
    for (const name of ['total', 'done', 'failed'] as const) files[name] += one.files[name]
    for (const name of ['total', 'done'] as const) bytes[name] += one.bytes[name]
  }
  return { files, bytes }
}
