import type { SyncEvent } from '../../core/importer.ts'
import type { Problem } from '../../core/sync-progress.ts'
import type { FoundUnit } from '../../core/unit.ts'
import { FileNames } from './file-names.ts'
import type { YumSyncRun } from './listed-content.ts'
import type { PackageMetadata } from './metadata/package-metadata.ts'
import type { PrimaryPackage } from './metadata/primary-package.ts'
import { type FoundPackage, readAnyPackage } from './metadata/read-any-package.ts'
import { SnippetsByPackage } from './metadata/snippets-by-package.ts'
import { Names } from './names.ts'
import { inspecting } from './package/signature-policy.ts'
import { packageFileName } from './package-location.ts'
import { emptySnippet, type PackageDocuments, toPackageUnit } from './package-unit.ts'
import type { Selection } from './retained-packages.ts'
import { typeOfArch } from './rpm-types.ts'
import { UnitBatch } from './unit-batch.ts'
import type { YumMetadata } from './yum-metadata.ts'

/** Reads primary, filelists and other side by side into units; primary leads. */
export class PackageStream {
  readonly #run: YumSyncRun
  readonly #repository: URL
  readonly #metadata: YumMetadata
  readonly #selection: Selection | undefined
  readonly #filelists: SnippetsByPackage
  readonly #other: SnippetsByPackage
  readonly #seen = new Names()
  readonly #fileNames = new FileNames()
  readonly #counts = { rpm: 0, srpm: 0 }
  /** Packages of primary, whatever is made of them. */
  #listed = 0

  constructor(run: YumSyncRun, repository: URL, metadata: YumMetadata, selection: Selection | undefined) {
    this.#run = run
    this.#repository = repository
    this.#metadata = metadata
    this.#selection = selection
    this.#filelists = this.#byPackage(metadata.filelists)
    this.#other = this.#byPackage(metadata.other)
  }

  async *events(): AsyncGenerator<SyncEvent> {
    this.#expect(this.#selection?.counts)
    try {
      const batch = new UnitBatch()
      for await (const snippets of this.#metadata.primary.packages()) {
        for (const snippet of snippets) {
          const item = await this.#read(snippet)
          if (item === undefined) continue
          if ('reason' in item) yield { problem: item }
          else batch.add(item)
          if (batch.full) yield { units: batch.take() }
        }
        this.#run.signal.throwIfAborted()
      }
      yield { units: batch.take() }
      yield* this.#finish()
    } finally {
      await Promise.all([this.#filelists.close(), this.#other.close()])
    }
  }

  /** Undefined for a package that is not taken. */
  async #read(snippet: Buffer): Promise<FoundUnit | Problem | undefined> {
    const { primary } = this.#metadata
    const { root } = primary
    this.#listed += 1
    const read = primary.isBroken(snippet) ? undefined : readAnyPackage(snippet, root)
    if (read === undefined) return unreadable(snippet)
    const { found } = read
    if (this.#selection !== undefined && !this.#selection.pkgids.has(found.checksum)) return undefined
    if (this.#isRepeated(found)) return undefined
    const type = typeOfArch(found.arch)
    if (this.#counts.rpm + this.#counts.srpm === 0 && this.#selection === undefined)
      this.#expect({ [type]: root?.announced ?? 0 })
    this.#counts[type] += 1
    const documents = this.#documentsOf(read)
    const ready = documents instanceof Promise ? await documents : documents
    const unit = toPackageUnit(found, ready, this.#repository, this.#fileName(found))
    return 'reason' in unit ? unit : inspecting(unit, this.#run.config.signatures)
  }

  /** Where upstream's metadata is shown as it is, files keep the names that it gives them. */
  #fileName(found: PrimaryPackage): string | undefined {
    return this.#run.config.exact ? packageFileName(found.href) : this.#fileNames.nameOf(found)
  }

  /** Of several packages of one name, version and arch, a client could only ever see one (pulp2-types §5.3). */
  #isRepeated({ name, epoch, version, release, arch }: PrimaryPackage): boolean {
    const known = this.#seen.length
    this.#seen.add(`${name}-${epoch}:${version}-${release}.${arch}`)
    return this.#seen.length === known
  }

  /** Both are nearly always at hand: then a promise for each of many packages is spared. */
  #documentsOf(read: FoundPackage): PackageDocuments | Promise<PackageDocuments> {
    const filelists = this.#filelists.take(read.found.checksum)
    const other = this.#other.take(read.found.checksum)
    if (!(filelists instanceof Promise) && !(other instanceof Promise)) return documentsOf(read, filelists, other)
    return Promise.all([filelists, other]).then(([filelists, other]) => documentsOf(read, filelists, other))
  }

  async *#finish(): AsyncGenerator<SyncEvent> {
    await Promise.all([this.#filelists.drain(), this.#other.drain()])
    this.#expect(this.#counts)
    for (const name of ['filelists', 'other'] as const) {
      const announced = this.#metadata[name]?.root?.announced
      if (announced !== undefined && announced !== this.#listed)
        yield { problem: incomplete(name, announced, this.#listed) }
    }
  }

  #byPackage(metadata: PackageMetadata | undefined): SnippetsByPackage {
    const batches = metadata?.packages() ?? nothing()
    const wanted = this.#selection?.pkgids
    return new SnippetsByPackage(
      batches,
      () => this.#run.scratch(),
      (pkgid) => wanted?.has(pkgid) ?? true,
    )
  }

  #expect(counts: { readonly rpm?: number; readonly srpm?: number } = {}): void {
    for (const [type, count] of Object.entries(counts)) this.#run.expect(type, count)
  }
}

function documentsOf({ found, snippet }: FoundPackage, filelists?: Buffer, other?: Buffer): PackageDocuments {
  return { primary: snippet, filelists: filelists ?? emptySnippet(found), other: other ?? emptySnippet(found) }
}

async function* nothing(): AsyncGenerator<readonly Buffer[]> {}

function unreadable(snippet: Buffer): Problem {
  // Neither a report nor a database takes all that may stand there.
  const start = snippet.toString('utf8', 0, 120).replace(/[\s\p{Cc}]+/gu, ' ')
  const reason = `it is no sound XML, or lacks name, arch, version, checksum or location: ${start}`
  return { stage: 'metadata', type: 'rpm', key: {}, name: 'a package of primary', reason, code: 'malformed' }
}

function incomplete(name: string, announced: number, listed: number): Problem {
  const reason = `${name} lists ${announced} packages, primary ${listed}`
  return { stage: 'metadata', type: 'rpm', key: {}, name, reason, code: 'malformed' }
}
