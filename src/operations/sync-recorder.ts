import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { FetchCounts, PartState, Problem, SyncDescription, SyncProgress } from '../core/sync-progress.ts'

type Parts = Record<string, { state: PartState; error?: string; entered: Partial<Record<PartState, Date>> }>

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
  #state: SyncProgress['state'] = 'running'
  #error: string | undefined
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(importer: Pick<Importer, 'id' | 'describe'>, report: (progress: JsonObject) => void) {
    this.#importer = importer
    this.#report = report
    this.#publish()
  }

  get problems(): readonly Problem[] {
    return this.#problems
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
    this.#problems.push(problem)
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
      problems: this.#problems,
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

function sumOf(all: readonly FetchCounts[]): FetchCounts {
  const files = { total: 0, done: 0, failed: 0 }
  const bytes = { total: 0, done: 0 }
  for (const one of all) {
    for (const name of ['total', 'done', 'failed'] as const) files[name] += one.files[name]
    for (const name of ['total', 'done'] as const) bytes[name] += one.bytes[name]
  }
  return { files, bytes }
}
