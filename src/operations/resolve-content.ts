import type { Log } from '../core/log.ts'
import type { Plugins } from '../core/plugin.ts'
import {
  type DeferredPublishedFile,
  isDeferred,
  isNamedByDigest,
  type PublishedContent,
  type PublishedFile,
  type ServedPublication,
} from '../core/publication.ts'
import { namesInFolder } from './list-folder.ts'
import { PublishedFiles } from './published-files.ts'
import { PublishedPaths } from './published-paths.ts'
import { PublishedPathsReader } from './read-published-paths.ts'

/** What stands at a path. */
export type ContentAnswer =
  | { readonly kind: 'file'; readonly file: PublishedFile }
  /** Names in it, those of folders ending in a slash. */
  | { readonly kind: 'folder'; readonly names: AsyncIterable<string> }
  /** Pulp's `listing` above repositories: names of the folders beside it (pulp2-types §5.9). */
  | { readonly kind: 'listing'; readonly names: readonly string[] }
  /** A folder that was asked for without its slash. */
  | { readonly kind: 'add-slash' }
  /** A file of the publication whose bytes are not stored. */
  | { readonly kind: 'deferred'; readonly file: DeferredPublishedFile }
  | { readonly kind: 'not-found' }

/** How long a request waits for the database before it is answered with what is known. */
const confirmMs = 2_000

export interface ResolverOptions {
  readonly content: PublishedContent
  readonly plugins: Plugins
  readonly log: Log
  /** How often all base paths are read again, for switches that nobody told of, in milliseconds. Default 5,000. */
  readonly pollMs?: number
}

/**
 * Path → answer for everything that is published. What was found is answered from memory for as long as its publication is the
 * live one; **a miss never is**: the pointer is read again first. So a client that got the new index from another process finds
 * what it names here too, and a lost notification costs freshness, not correctness (design-notes §3).
 */
export class ContentResolver {
  readonly #content: PublishedContent
  readonly #log: Log
  readonly #paths = new PublishedPaths()
  readonly #reader: PublishedPathsReader
  readonly #files: PublishedFiles
  #stop = () => {}

  private constructor(options: ResolverOptions) {
    this.#content = options.content
    this.#log = options.log
    this.#reader = new PublishedPathsReader(options.content, this.#paths)
    this.#files = new PublishedFiles(options.content, options.plugins)
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

  /** The file at `path`, when that can be told at once. */
  known(path: string): PublishedFile | undefined {
    const covered = this.#paths.covering(path)
    if (covered?.relative === undefined) return undefined
    const file = this.#files.known(covered.published, covered.relative)
    return file !== undefined && isEntryPoint(path, file) ? undefined : file
  }

  /** What stands at `path`: absolute, decoded, without empty, `.` or `..` segments. */
  async resolve(path: string): Promise<ContentAnswer> {
    const { generation } = this.#paths
    const answer = await this.#look(path)
    if (answer.kind === 'file') {
      if (isEntryPoint(path, answer.file)) await this.#confirm(path)
    } else if (answer.kind === 'not-found' || answer.kind === 'deferred') await this.#reader.reread(path)
    return this.#paths.generation === generation ? answer : this.#look(path)
  }

  /** Reads the pointer again; without an answer of the database in time, what is known is served. */
  async #confirm(path: string): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, confirmMs)
    await Promise.race([this.#reader.reread(path).catch((error: unknown) => this.#warn(error)), late.promise])
    clearTimeout(timer)
  }

  async #look(path: string): Promise<ContentAnswer> {
    const covered = this.#paths.covering(path)
    const answer = covered && (await this.#lookBelow(covered.published.publications, path, covered.relative))
    return answer ?? this.#lookAbove(path)
  }

  /** Below a base path. */
  async #lookBelow(
    publications: readonly ServedPublication[],
    path: string,
    relative: string | undefined,
  ): Promise<ContentAnswer | undefined> {
    const [live] = publications
    if (live === undefined) return undefined
    if (relative === undefined) return { kind: 'add-slash' }
    if (relative === '' || relative.endsWith('/')) return this.#lookIntoFolder(live, path, relative)
    const file = await this.#files.find(publications, relative)
    if (file !== undefined) return isDeferred(file) ? { kind: 'deferred', file } : { kind: 'file', file }
    return (await this.#hasFolder(live, `${relative}/`)) ? { kind: 'add-slash' } : undefined
  }

  async #lookIntoFolder(live: ServedPublication, path: string, folder: string): Promise<ContentAnswer | undefined> {
    if (folder !== '' && !(await this.#hasFolder(live, folder))) return undefined
    const layout = this.#files.layout(live)
    const { generated, unitFiles } = await this.#content.list(live, folder, layout?.unitFilesBelow(folder))
    const inner = this.#paths.foldersIn(path).map((name) => `${folder}${name}/`)
    const placed = mapped(unitFiles, (unitFile) => layout?.place(unitFile) ?? unitFile)
    return { kind: 'folder', names: namesInFolder({ folder, paths: [...generated, ...inner], morePaths: placed }) }
  }

  #hasFolder(live: ServedPublication, folder: string): Promise<boolean> {
    return this.#content.hasFolder(live, folder, this.#files.layout(live)?.unitFilesBelow(folder))
  }

  /** In the folders that lead to base paths; for people who browse, so what memory knows is fresh enough. */
  #lookAbove(path: string): ContentAnswer {
    const isFolder = path.endsWith('/')
    const names = this.#paths.foldersIn(isFolder ? path : `${path}/`)
    if (names.length > 0) return isFolder ? { kind: 'folder', names: folderNames(names) } : { kind: 'add-slash' }
    const beside = path.endsWith('/listing') ? this.#paths.foldersIn(path.slice(0, -'listing'.length)) : []
    return beside.length > 0 ? { kind: 'listing', names: beside } : { kind: 'not-found' }
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

/**
 * Where clients begin: a generated file whose name tells nothing of its content (repomd.xml, PULP_MANIFEST). Somebody who was told
 * that a publish has ended must find the new one, so these are never answered without a look at the pointer; all that they lead to is.
 */
function isEntryPoint(path: string, file: PublishedFile): boolean {
  return file.mediaType !== null && !isNamedByDigest(file, path)
}

async function* folderNames(names: readonly string[]): AsyncGenerator<string> {
  for (const name of names) yield `${name}/`
}

async function* mapped(paths: AsyncIterable<string>, map: (path: string) => string): AsyncGenerator<string> {
  for await (const path of paths) yield map(path)
}
