import { createHash } from 'node:crypto'
import { RunSpool } from '../blobs/spool.ts'
import { sha256Hex } from '../core/digest.ts'
import type { Distributor, GeneratedFile, PublishProgress, PublishRun } from '../core/distributor.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { silentLog } from '../core/log.ts'
import type { StoredUnitFile, UnitWithDocuments } from '../core/repository-version.ts'
import type { SafeFolder } from '../core/safe-folder.ts'
import type { PreviousSegments, SegmentedFiles } from '../core/segment.ts'
import type { PartState } from '../core/sync-progress.ts'
import { type DiscoveredFile, type DiscoveredUnit, unitKeyHash, unitRevision, unitWireId } from '../core/unit.ts'
import { MadeFolder } from '../operations/repository-groups/made-folder.ts'
import { plainSigner } from './memory-signer.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Steps = {
  name: string
  id: string
  state: PartState
  total: number
  done: number
  entered: Partial<Record<PartState, Date>>
}[]

interface HeldSet {
  readonly form: string
  readonly segments: { readonly pieces: readonly Uint8Array[]; readonly note: Json }[]
}

/** A publish of units in memory through one distributor: keeps the files that it made and the steps that it told of. */
export class PublishTrial<Config> {
  /** Path → bytes, in the order in which they were made. */
  readonly files = new Map<string, Buffer>()
  readonly steps: Steps = []
  /** The scratchpad: what a run finds and what it leaves. */
  scratchpad: Json = {}
  readonly #distributor: Distributor<Config>
  readonly #units: readonly DiscoveredUnit[]

  /** Segments that were taken over, and that were made. */
  readonly segments = { reused: 0, made: 0 }
  /** What happens to the pieces of a segment of the trial before while they are read. */
  damage: (pieces: Buffer[]) => unknown = () => undefined
  readonly #before: PublishTrial<Config> | undefined
  readonly #sets = new Map<string, HeldSet>()

  constructor(distributor: Distributor<Config>, units: readonly DiscoveredUnit[], before?: PublishTrial<Config>) {
    this.#distributor = distributor
    this.#units = units
    this.#before = before
  }

  async run(config: JsonObject, created?: Date, repository?: string): Promise<this> {
    for await (const made of this.#distributor.publish(this.#run(config, created, repository))) {
      await ('segments' in made ? this.#storeSegments(made) : this.#store(made))
    }
    return this
  }

  /** A trial of the next version, which may take segments over from this one. */
  next(units: readonly DiscoveredUnit[]): PublishTrial<Config> {
    return new PublishTrial(this.#distributor, units, this)
  }

  /** The segments of this trial, as if they were made of the units of another. */
  mistakenFor(other: PublishTrial<Config>): PublishTrial<Config> {
    const mistaken = new PublishTrial(this.#distributor, other.#units)
    for (const [set, held] of this.#sets) mistaken.#sets.set(set, held)
    return mistaken
  }

  /** What the distributor writes into its folder, by path; only of files that their importer makes. */
  async deliver(config: JsonObject): Promise<ReadonlyMap<string, string>> {
    const written = new Map<string, string>()
    const folder: SafeFolder = {
      write: async (path, body) => {
        written.set(path, Buffer.concat(await Array.fromAsync(body)).toString())
      },
    }
    const spools = await temporaryFolder()
    await this.#distributor.delivery?.deliver(this.#run(config), new MadeFolder(folder, () => new RunSpool(spools)))
    return written
  }

  #read({ path }: StoredUnitFile): AsyncIterable<Uint8Array> {
    const made = this.#units.flatMap(({ files }) => files).find((file) => file.path === path)
    if (made?.content === undefined) throw new Error(`nobody makes ${path}`)
    return made.content()
  }

  #run(config: JsonObject, created = new Date(1_700_000_000_000), repository = 'trial'): PublishRun<Config> {
    const counts = Object.fromEntries(
      [...Map.groupBy(this.#units, (unit) => unit.type)].map(([type, units]) => [type, units.length]),
    )
    return {
      repository: { id: repository },
      version: { number: 1, created, counts },
      config: this.#distributor.config.parse(config),
      scratchpad: this.scratchpad,
      keep: (scratchpad) => {
        this.scratchpad = scratchpad
      },
      signal: new AbortController().signal,
      log: silentLog,
      signer: plainSigner,
      units: (query) => this.#select(query),
      read: (file) => this.#read(file),
      previous: async (set, form) => this.#previous(set, form),
      temporaryFolder,
      step: (name, state, count) => this.#step(name, state, count),
    }
  }

  progress(state: PublishProgress['state'] = 'finished', error?: string): PublishProgress {
    return { state, steps: this.steps, ...(error !== undefined && { error }) }
  }

  /** Text of the one file whose path matches. */
  text(path: RegExp): string {
    const found = [...this.files].filter(([name]) => path.test(name))
    if (found.length !== 1) throw new Error(`${found.length} of ${[...this.files.keys()].join(', ')} match ${path}`)
    return String(found[0]?.[1])
  }

  async #store(file: GeneratedFile): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(file.body))
    const stored = { sha256: sha256Hex(body), size: body.length }
    file.stored?.(stored)
    this.files.set(typeof file.path === 'string' ? file.path : file.path(stored), body)
  }

  async #storeSegments({ set, form, files, segments }: SegmentedFiles): Promise<void> {
    const made: HeldSet['segments'] = []
    for await (const segment of segments) {
      this.segments['reuse' in segment ? 'reused' : 'made'] += 1
      made.push('reuse' in segment ? (this.#heldBefore(set)?.segments[segment.reuse] ?? noSegment()) : segment)
    }
    this.#sets.set(set, { form, segments: made })
    for (const [index, file] of files.entries()) {
      const body = Buffer.concat(made.map(({ pieces }) => pieces[index] ?? noSegment()))
      const checksum = createHash(file.checksumType).update(body).digest('hex')
      const stored = { sha256: sha256Hex(body), size: body.length, checksum }
      file.stored?.(stored)
      this.files.set(file.path(stored), body)
    }
  }

  #heldBefore(set: string): HeldSet | undefined {
    return this.#before === undefined ? undefined : this.#before.#sets.get(set)
  }

  #previous(set: string, form: string): PreviousSegments | undefined {
    const held = this.#heldBefore(set)
    if (held === undefined || held.form !== form) return undefined
    return {
      version: 0,
      notes: held.segments.map(({ note }) => note),
      pieces: async (segment) => {
        const pieces = held.segments[segment]?.pieces.map((piece) => Buffer.from(piece)) ?? noSegment()
        this.damage(pieces)
        return pieces
      },
    }
  }

  /** The units that a query is about: all, or how they differ from the trial before. */
  #chosen({ types, differsFrom }: Parameters<PublishRun<Config>['units']>[0]): readonly DiscoveredUnit[] {
    const ofTypes = ({ type }: DiscoveredUnit) => types.includes(type)
    const [now, before] = [
      this.#units.filter(ofTypes),
      (this.#before === undefined ? [] : this.#before.#units).filter(ofTypes),
    ]
    if (differsFrom === undefined) return now
    const [these, others] = differsFrom.by === 'added' ? [now, before] : [before, now]
    const known = new Set(others.map(unitRevision))
    return these.filter((unit) => !known.has(unitRevision(unit)))
  }

  async *#select(query: Parameters<PublishRun<Config>['units']>[0]): AsyncGenerator<UnitWithDocuments> {
    const order = query.order ?? []
    const sortKey = ({ metadata }: DiscoveredUnit) =>
      Buffer.from(order.map((field) => String(metadata[field])).join('\0'))
    const sorted = this.#chosen(query).toSorted((one, two) => Buffer.compare(sortKey(one), sortKey(two)))
    for (const [id, unit] of sorted.entries()) {
      const documents = (query.documents ?? []).map(
        (name) => [name, unit.documents?.[name] ?? new Uint8Array()] as const,
      )
      yield {
        unit: {
          id,
          type: unit.type,
          wireId: unitWireId(unitKeyHash(unit.type, unit.key)),
          metadata: query.fields === undefined ? unit.metadata : pick(unit.metadata, query.fields),
          updated: new Date(0),
        },
        documents: Object.fromEntries(documents),
        files: query.files === true ? unit.files.map(toStored) : [],
      }
    }
  }

  #step(name: string, state: PartState, counts?: { total: number; done: number }): void {
    const known = this.steps.find((step) => step.name === name)
    const step = known ?? { name, id: `id of ${name}`, state, total: 0, done: 0, entered: {} }
    if (known === undefined) this.steps.push(step)
    Object.assign(step, { ...counts, state, entered: { ...step.entered, [state]: new Date() } })
  }
}

function toStored({ path, size, digests }: DiscoveredFile): StoredUnitFile {
  const sha256 = digests.find(({ algorithm }) => algorithm === 'sha256')?.value
  return { path, size: size ?? null, sha256: sha256 ?? null }
}

function pick(metadata: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.map((field) => [field, metadata[field] ?? null]))
}

function noSegment(): never {
  throw new Error('a segment was taken over that is not there')
}
