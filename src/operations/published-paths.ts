import type { PublishedPath } from '../core/publication.ts'

/** A path below a base path. */
export interface CoveredPath {
  readonly published: PublishedPath
  /** Path in the publication: `''` for its root; undefined for the base path itself, without a slash. */
  readonly relative: string | undefined
}

/** What is served where, in memory: the pointers of the database as they were last read. */
export class PublishedPaths {
  #paths = new Map<string, PublishedPath>()
  /** Folder above base paths, ending in a slash → names of the folders in it. Made when first asked for. */
  #folders: Map<string, Set<string>> | undefined
  /** Length of the longest base path: no longer prefix of a request needs to be tried. */
  #longest = 0
  #generation = 0

  /** Moves on whenever an answer may have become another one. */
  get generation(): number {
    return this.#generation
  }

  /** The longest base path that `path` lies below. */
  covering(path: string): CoveredPath | undefined {
    let end = path.length <= this.#longest ? path.length : path.lastIndexOf('/', this.#longest)
    while (end > 0) {
      const published = this.#paths.get(path.slice(0, end))
      if (published !== undefined) return { published, relative: end < path.length ? path.slice(end + 1) : undefined }
      end = path.lastIndexOf('/', end - 1)
    }
    return undefined
  }

  /** Sorted names of the folders that lead to base paths below `folder` (ending in a slash); empty when none does. */
  foldersIn(folder: string): readonly string[] {
    this.#folders ??= foldersAbove(this.#paths.keys())
    return [...(this.#folders.get(folder) ?? [])].sort()
  }

  replaceAll(found: readonly PublishedPath[]): void {
    this.replace([...this.#paths.keys()], found)
  }

  /** Takes in what was found for the base paths that were asked for. */
  replace(asked: readonly string[], found: readonly PublishedPath[]): void {
    const fresh = new Map(found.map((published) => [published.basePath, published]))
    const gone = asked.filter((path) => !fresh.has(path) && this.#paths.delete(path))
    const changed = found.filter((published) => !same(published, this.#paths.get(published.basePath)))
    if (gone.length === 0 && changed.length === 0) return
    for (const published of changed) this.#paths.set(published.basePath, published)
    this.#longest = this.#paths.keys().reduce((longest, path) => Math.max(longest, path.length), 0)
    this.#folders = undefined
    this.#generation++
  }
}

function same(one: PublishedPath, other: PublishedPath | undefined): boolean {
  if (one.publications.length !== other?.publications.length) return false
  return one.publications.every(({ id }, index) => id === other.publications[index]?.id)
}

function foldersAbove(basePaths: Iterable<string>): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>()
  for (const basePath of basePaths) {
    const segments = basePath.split('/')
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = `${segments.slice(0, depth).join('/')}/`
      const names = folders.get(folder) ?? new Set()
      folders.set(folder, names.add(segments[depth] ?? ''))
    }
  }
  return folders
}
