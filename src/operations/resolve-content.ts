import type { ClientCheck, Visitor } from '../core/content-access.ts'
import type { Log } from '../core/log.ts'
import type { Plugins } from '../core/plugin.ts'
import { isNamedByDigest, type PublishedContent, type PublishedFile } from '../core/publication.ts'
import type { ContentAnswer } from './content-answer.ts'
import { lookAbove, PublicationLook } from './look-into-publication.ts'
import { PublicationGuard } from './publication-guard.ts'
import { PublishedFiles } from './published-files.ts'
import { PublishedPaths } from './published-paths.ts'
import { PublishedPathsReader } from './read-published-paths.ts'
import { FormerContent } from './resolve-former-content.ts'

/** How long a request waits for the database before it is answered with what is known. */
const confirmMs = 2_000

export interface ResolverOptions {
  readonly content: PublishedContent
  readonly plugins: Plugins
  readonly log: Log
  /** How often all base paths are read again, for switches that nobody told of, in milliseconds. Default 5,000. */
  readonly pollMs?: number
  /** Whether there is TLS; without it everything but what is protected is on HTTP. Default false. */
  readonly hasTls?: boolean
  /** Who may see what is protected; nobody when absent. */
  readonly checkClient?: ClientCheck
}

/**
 * Path → answer for everything that is published. What was found is answered from memory for as long as its publication is the
 * live one; **a miss never is**: the pointer is read again first. So a client that got the new index from another process finds
 * what it names here too, and a lost notification costs freshness, not correctness (design-notes §3).
 */
export class ContentResolver {
  readonly #log: Log
  readonly #paths = new PublishedPaths()
  readonly #reader: PublishedPathsReader
  readonly #files: PublishedFiles
  readonly #below: PublicationLook
  readonly #former: FormerContent
  readonly #guard: PublicationGuard
  #stop = () => {}

  private constructor(options: ResolverOptions) {
    this.#log = options.log
    this.#reader = new PublishedPathsReader(options.content, this.#paths)
    this.#files = new PublishedFiles(options.content, options.plugins)
    this.#below = new PublicationLook(options.content, this.#files)
    this.#guard = new PublicationGuard(options)
    this.#former = new FormerContent(options.content, this.#files, this.#guard)
  }

  /** Reads what is published and keeps up with it until `close`. */
  static async open(options: ResolverOptions): Promise<ContentResolver> {
    const resolver = new ContentResolver(options)
    const watch = await options.content.watch((basePath) => resolver.#follow(basePath))
    await resolver.#reader.rereadAll()
    const poll = setInterval(() => resolver.#follow(undefined), options.pollMs ?? 5000).unref()
    resolver.#stop = () => {
      watch.close()
      clearInterval(poll)
    }
    return resolver
  }

  close(): void {
    this.#stop()
  }

  /** The file at `path`, when that can be told at once and the visitor may have it. */
  known(path: string, visitor: Visitor): PublishedFile | undefined {
    const covered = this.#paths.covering(path)
    if (covered?.relative === undefined || !this.#guard.admits(covered.published, path, visitor)) return undefined
    const file = this.#files.known(covered.published, covered.relative)
    return file !== undefined && isEntryPoint(path, file) ? undefined : file
  }

  /** What stands at `path`: absolute, decoded, without empty, `.` or `..` segments. */
  async resolve(path: string, visitor: Visitor): Promise<ContentAnswer> {
    const { generation } = this.#paths
    const answer = await this.#look(path, visitor)
    if (answer.kind === 'file') {
      if (isEntryPoint(path, answer.file)) await this.#confirm(path)
    } else if (mayBeOld.has(answer.kind)) await this.#reader.reread(path)
    return this.#paths.generation === generation ? answer : this.#look(path, visitor)
  }

  /** What stood there at a time that is past, for as long as it is kept, to whoever may see it now and might then. */
  async resolveAt(path: string, at: Date, visitor: Visitor): Promise<ContentAnswer> {
    const live = this.#paths.covering(path)?.published.publications[0]
    const refusal = live && (await this.#guard.refusal(live, path, visitor))
    return refusal ?? this.#former.resolve(path, at, visitor)
  }

  /** Reads the pointer again; without an answer of the database in time, what is known is served. */
  async #confirm(path: string): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, confirmMs)
    await Promise.race([this.#reader.reread(path).catch((error: unknown) => this.#warn(error)), late.promise])
    clearTimeout(timer)
  }

  async #look(path: string, visitor: Visitor): Promise<ContentAnswer> {
    const covered = this.#paths.covering(path)
    const admitted = covered && (await this.#guard.admitted(covered.published, path, visitor))
    if (admitted !== undefined && 'kind' in admitted) return admitted
    // For people who browse, so what memory knows of folders is fresh enough.
    const inner = () => this.#paths.foldersIn(path)
    const answer =
      covered && (await this.#below.at({ publications: admitted ?? [], relative: covered.relative, inner }))
    return answer ?? lookAbove(path, (folder) => this.#paths.foldersIn(folder))
  }

  #follow(basePath: string | undefined): void {
    const reading = basePath === undefined ? this.#reader.rereadAll() : this.#reader.reread(basePath)
    reading.catch((error: unknown) => this.#warn(error))
  }

  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#log.warn('what is published could not be read again; serving goes on with what is known', { reason })
  }
}

/** Answers that a publish may have changed a moment ago without this process having heard of it. */
const mayBeOld: ReadonlySet<ContentAnswer['kind']> = new Set(['not-found', 'deferred', 'forbidden'])

/**
 * Where clients begin: a generated file whose name tells nothing of its content (repomd.xml, PULP_MANIFEST). Somebody who was told
 * that a publish has ended must find the new one, so these are never answered without a look at the pointer; all that they lead to is.
 */
function isEntryPoint(path: string, file: PublishedFile): boolean {
  return file.mediaType !== null && !isNamedByDigest(file, path)
}
