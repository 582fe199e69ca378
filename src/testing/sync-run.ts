import { Readable } from 'node:stream'
import { Verifier } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'
import type { DisplacedUnit, Importer, SyncRun } from '../core/importer.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { silentLog } from '../core/log.ts'
import { objectOf } from '../core/printed-json.ts'
import type { Scratch } from '../core/scratch.ts'
import type { PartState, Problem, SyncProgress } from '../core/sync-progress.ts'
import type { DiscoveredUnit, FoundUnit } from '../core/unit.ts'
import type { KnownUnit, RepositoryMember } from '../core/upload.ts'
import type { DocumentRequest, FetchedDocument } from '../core/upstream.ts'

/** What an upstream serves: URL → bytes, or the status that it answers instead (404 for what is not named). */
export type UpstreamFiles = Readonly<Record<string, Uint8Array | string | number>>

type Parts = Record<string, { state: PartState; error?: string; entered: Partial<Record<PartState, Date>> }>

/** A sync of one importer against files in memory: runs it to its end and keeps everything that it said. */
export class SyncTrial<Config> {
  readonly units: DiscoveredUnit[] = []
  readonly complete: string[] = []
  readonly only: string[] = []
  readonly displaced: DisplacedUnit[] = []
  readonly problems: Problem[] = []
  remembered: Json | undefined
  /** What a run finds and what it leaves. */
  scratchpad: Json = null
  /** What the repository holds already. */
  held: readonly DiscoveredUnit[] = []
  /** URLs in the order in which they were asked for. */
  readonly requests: string[] = []
  readonly expected: Record<string, number> = {}
  readonly parts: Parts = {}
  readonly scratchBytes: number[] = []
  /** The longest batch of units. */
  longestBatch = 0
  readonly #importer: Importer<Config>
  readonly #files: UpstreamFiles
  readonly #controller = new AbortController()

  constructor(importer: Importer<Config>, files: UpstreamFiles) {
    this.#importer = importer
    this.#files = files
  }

  /** Rejects with what the importer threw. */
  async run(config: JsonObject, remembered?: Json): Promise<this> {
    for await (const event of this.#importer.sync(this.#run(this.#importer.config.parse(config), remembered))) {
      if ('units' in event) this.#takeUnits(event.units)
      else if ('complete' in event) this.complete.push(...event.complete)
      else if ('only' in event) this.only.push(...event.only)
      else if ('displaced' in event) this.displaced.push(...event.displaced)
      else if ('remember' in event) this.remembered = event.remember
      else this.problems.push(event.problem)
    }
    return this
  }

  abort(): void {
    this.#controller.abort()
  }

  /** The run as a report sees it, with all announced units done. */
  progress(change: Partial<SyncProgress> = {}): SyncProgress {
    const units = Object.entries(this.expected).map(([type, total]) => [type, { total, done: total }] as const)
    return {
      state: 'finished',
      parts: this.parts,
      units: Object.fromEntries(units),
      files: { total: 0, done: 0, failed: 0 },
      bytes: { total: 0, done: 0 },
      problems: this.problems,
      ...change,
    }
  }

  #takeUnits(units: readonly FoundUnit[]): void {
    this.longestBatch = Math.max(this.longestBatch, units.length)
    for (const unit of units) this.units.push({ ...unit, metadata: objectOf(unit.metadata) })
  }

  #run(config: Config, remembered: Json | undefined): SyncRun<Config> {
    return {
      repository: { id: 'trial' },
      config,
      remembered,
      scratchpad: this.scratchpad,
      keep: (scratchpad) => {
        this.scratchpad = scratchpad
      },
      signal: this.#controller.signal,
      log: silentLog,
      fetch: (request) => this.#fetch(request),
      scratch: async () => this.#scratch(),
      held: (type) => this.#heldUnits(type),
      members: (type) => this.#members(type),
      part: (name, state, error) => {
        const entered = { ...this.parts[name]?.entered, [state]: new Date() }
        this.parts[name] = { state, entered, ...(error !== undefined && { error }) }
      },
      expect: (type, units) => {
        this.expected[type] = units
      },
    }
  }

  async #fetch({ url, expected, maxBytes }: DocumentRequest): Promise<FetchedDocument> {
    this.requests.push(url)
    const body = this.#files[url] ?? 404
    if (typeof body === 'number') throw httpStatus(url, body)
    const bytes = Buffer.from(body)
    if (bytes.length > (maxBytes ?? Number.POSITIVE_INFINITY)) throw new DeckleError('upstream', `${url} is too large`)
    const verifier = new Verifier(expected)
    verifier.update(bytes)
    return { url, ...verifier.finish(), read: () => Readable.from(smallPieces(bytes), { objectMode: false }) }
  }

  async *#heldUnits(type: string): AsyncGenerator<KnownUnit> {
    for (const { metadata, documents = {} } of this.held.filter((unit) => unit.type === type))
      yield { metadata, documents }
  }

  /** Their ids are their places among all that is held. */
  async *#members(type: string): AsyncGenerator<RepositoryMember> {
    for (const [id, unit] of this.held.entries()) if (unit.type === type) yield { id, metadata: unit.metadata }
  }

  #scratch(): Scratch {
    let content = Buffer.alloc(0)
    return {
      append: async (bytes) => {
        const offset = content.length
        content = Buffer.concat([content, bytes])
        this.scratchBytes.push(bytes.length)
        return offset
      },
      read: async (offset, length) => Buffer.from(content.subarray(offset, offset + length)),
    }
  }
}

function httpStatus(url: string, status: number): DeckleError {
  return new DeckleError('upstream', `${url} answered ${status}`, { code: 'http_status', data: { status } })
}

/** Cut at an odd size, so that nothing depends on where chunks end. */
function* smallPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 997) yield bytes.subarray(at, at + 997)
}
