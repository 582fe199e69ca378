import type { Digest } from '../../../core/digest.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { isTreeFile, requireTreePath } from './tree-path.ts'

/** More are no tree that anybody has made. */
const mostFiles = 5_000

export interface TreeFile {
  /** Relative to the tree. */
  readonly path: string
  /** Of some files upstream says nothing. */
  readonly digest: Digest | undefined
}

/** Gathers the files of a tree, each once. */
export class TreeFiles {
  readonly #digests = new Map<string, Digest | undefined>()

  /** Throws a FormatError for a path that leads out of the tree, and for too many. */
  add(path: string, digest?: Digest): void {
    requireTreePath(path)
    if (!isTreeFile(path)) return
    this.#digests.set(path, digest ?? this.#digests.get(path))
    if (this.#digests.size > mostFiles) throw new FormatError('too-large', `the tree has more than ${mostFiles} files`)
  }

  /** In the order of their paths. Throws a FormatError when a file is a folder too. */
  sorted(): readonly TreeFile[] {
    const files = [...this.#digests].map(([path, digest]) => ({ path, digest }))
    for (const { path } of files) {
      for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
        if (this.#digests.has(path.slice(0, slash)))
          throw new FormatError('malformed', `${path.slice(0, slash)} is both a file and a folder of the tree`)
    }
    return files.sort((one, two) => (one.path < two.path ? -1 : 1))
  }
}
