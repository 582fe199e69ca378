import { sha256Hex } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import type {
  DeferredPublishedFile,
  FileCandidate,
  PublishedContent,
  PublishedFile,
  PublishedPath,
} from '../core/publication.ts'
import type { Rope } from '../core/rope.ts'

/** Unit files of a publication: path in the publication → text, or what is known of one that is not stored (null: nothing). */
type UnitFiles = Readonly<Record<string, string | DeferredPublishedFile | null>>
type GeneratedFiles = Readonly<Record<string, string | { readonly file: PublishedFile }>>

interface Held {
  readonly generated: GeneratedFiles
  readonly units: UnitFiles
}

/** What is published, in memory, with the rules of the real one and a count of what it was asked. */
export class MemoryPublishedContent implements PublishedContent {
  readonly asked: string[] = []
  /** Awaited by every look-up, so that a test can hold them back or make them fail. */
  gate: Promise<void> = Promise.resolve()
  readonly #paths = new Map<string, PublishedPath>()
  readonly #held = new Map<number, Held>()
  readonly #configs = new Map<number, JsonObject>()
  readonly #watchers = new Set<(basePath: string | undefined) => void>()

  /** Puts a publication live. Watchers are not told: call `announce`. */
  publish(basePath: string, generated: GeneratedFiles = {}, units: UnitFiles = {}): void {
    const id = this.#held.size + 1
    this.#held.set(id, { generated, units })
    const liveFrom = new Date('2026-03-04T05:06:07Z')
    const publication = {
      id,
      repositoryKey: 1,
      version: 1,
      distributorType: 'test_distributor',
      layout: 'flat',
      liveFrom,
    }
    const before = this.#paths.get(basePath)?.publications ?? []
    this.#paths.set(basePath, { basePath, publications: [publication, ...before] })
  }

  /** What the live publication of a base path was sealed with. */
  configure(basePath: string, config: JsonObject): void {
    this.#configs.set(this.#paths.get(basePath)?.publications[0]?.id ?? 0, config)
  }

  takeDown(basePath: string): void {
    this.#paths.delete(basePath)
  }

  /** Ends the grace of everything that was superseded at a base path. */
  endGrace(basePath: string): void {
    const live = this.#paths.get(basePath)?.publications.slice(0, 1) ?? []
    this.#paths.set(basePath, { basePath, publications: live })
  }

  announce(basePath: string | undefined): void {
    for (const tell of this.#watchers) tell(basePath)
  }

  async basePaths(among?: readonly string[]): Promise<readonly PublishedPath[]> {
    this.asked.push(among === undefined ? 'all base paths' : 'some base paths')
    const now = among === undefined ? [...this.#paths.values()] : among.flatMap((path) => this.#paths.get(path) ?? [])
    await this.gate
    return now
  }

  async find(
    candidates: readonly FileCandidate[],
    path: string,
  ): Promise<PublishedFile | DeferredPublishedFile | undefined> {
    this.asked.push(`find ${path}`)
    await this.gate
    for (const { publication, unitFile } of candidates) {
      const held = this.#held.get(publication.id)
      const generated = held?.generated[path]
      if (typeof generated === 'object') return generated.file
      if (generated !== undefined) return fileOf(generated, 'text/plain')
      const unit = unitFile === undefined ? undefined : held?.units[unitFile]
      if (unit === null) return { fileKey: 1, size: null, sha256: null, lastModified }
      if (unit !== undefined) return typeof unit === 'string' ? fileOf(unit, null) : unit
    }
    return undefined
  }

  async config(publication: number): Promise<JsonObject> {
    await this.gate
    return this.#configs.get(publication) ?? {}
  }

  async hasFolder(publication: { id: number }, folder: string, unitPrefix: string | undefined): Promise<boolean> {
    const { generated, unitFiles } = this.#below(publication.id, folder, unitPrefix)
    return generated.length + unitFiles.length > 0
  }

  async list(publication: { id: number }, folder: string, unitPrefix: string | undefined) {
    const { generated, unitFiles } = this.#below(publication.id, folder, unitPrefix)
    return { generated, unitFiles: iterate(unitFiles) }
  }

  /** It remembers nothing of the past. */
  async formerly(): Promise<undefined> {}

  async formerBasePaths(): Promise<readonly string[]> {
    return []
  }

  async keptSince() {
    return { now: new Date(), since: null }
  }

  async watch(onSwitch: (basePath: string | undefined) => void): Promise<{ close(): void }> {
    this.#watchers.add(onSwitch)
    return { close: () => void this.#watchers.delete(onSwitch) }
  }

  #below(id: number, folder: string, unitPrefix: string | undefined) {
    const held = this.#held.get(id)
    const generated = Object.keys(held?.generated ?? {}).filter((path) => path.startsWith(folder))
    const unitFiles = Object.keys(held?.units ?? {}).filter(
      (path) => unitPrefix !== undefined && path.startsWith(unitPrefix),
    )
    return { generated: generated.sort(), unitFiles: unitFiles.sort() }
  }
}

const lastModified = new Date('2026-03-04T05:06:07.890Z')

/** A file of one whole blob. */
function fileOf(content: string, mediaType: string | null): PublishedFile {
  const sha256 = sha256Hex(content)
  const size = Buffer.byteLength(content)
  const rope: Rope = [{ sha256, offset: 0, length: size }]
  return { size, sha256, mediaType, rope, lastModified }
}

async function* iterate(values: readonly string[]): AsyncGenerator<string> {
  yield* values
}
