import type { Layout } from '../core/layout.ts'
import { isDeferred, type PublishedContent, type ServedPublication } from '../core/publication.ts'
import type { ContentAnswer } from './content-answer.ts'
import { namesInFolder } from './list-folder.ts'
import type { PublishedFiles } from './published-files.ts'

/** A path below a base path, and where to look. */
export interface Look {
  /** The one that is meant, then those that have what it lacks. */
  readonly publications: readonly ServedPublication[]
  /** Path in the publication: `''` for its root; undefined for the base path itself, without a slash. */
  readonly relative: string | undefined
  /** Sorted names of the folders directly in `relative` that lead to other base paths. */
  readonly inner: () => readonly string[]
}

/** Where files are looked up. */
export type LookedFiles = Pick<PublishedFiles, 'find' | 'layout'>

/** What stands at a path of a publication: files of its own or of its units, and folders of both. */
export class PublicationLook {
  readonly #content: PublishedContent
  readonly #files: LookedFiles

  constructor(content: PublishedContent, files: LookedFiles) {
    this.#content = content
    this.#files = files
  }

  async at(look: Look): Promise<ContentAnswer | undefined> {
    const { relative, publications } = look
    const [first] = publications
    if (first === undefined) return undefined
    if (relative === undefined) return { kind: 'add-slash' }
    if (relative === '' || relative.endsWith('/')) return this.#folder(first, relative, look.inner)
    const file = await this.#files.find(publications, relative)
    if (file !== undefined) return isDeferred(file) ? { kind: 'deferred', file } : { kind: 'file', file }
    return (await this.#hasFolder(first, `${relative}/`)) ? { kind: 'add-slash' } : undefined
  }

  async #folder(
    publication: ServedPublication,
    folder: string,
    inner: Look['inner'],
  ): Promise<ContentAnswer | undefined> {
    if (folder !== '' && !(await this.#hasFolder(publication, folder))) return undefined
    const layout = this.#files.layout(publication)
    const { generated, unitFiles } = await this.#content.list(publication, folder, layout?.unitFilesBelow(folder))
    const paths = [...generated, ...inner().map((name) => `${folder}${name}/`)]
    const placed = layout === undefined ? unitFiles : shown(unitFiles, layout)
    return { kind: 'folder', names: namesInFolder({ folder, paths, morePaths: placed }) }
  }

  #hasFolder(publication: ServedPublication, folder: string): Promise<boolean> {
    return this.#content.hasFolder(publication, folder, this.#files.layout(publication)?.unitFilesBelow(folder))
  }
}

/** In the folders that lead to base paths, whose names `foldersIn` tells, sorted. */
export function lookAbove(path: string, foldersIn: (folder: string) => readonly string[]): ContentAnswer {
  const isFolder = path.endsWith('/')
  const names = foldersIn(isFolder ? path : `${path}/`)
  if (names.length > 0) return isFolder ? { kind: 'folder', names: folderNames(names) } : { kind: 'add-slash' }
  const beside = path.endsWith('/listing') ? foldersIn(path.slice(0, -'listing'.length)) : []
  return beside.length > 0 ? { kind: 'listing', names: beside } : { kind: 'not-found' }
}

async function* folderNames(names: readonly string[]): AsyncGenerator<string> {
  for (const name of names) yield `${name}/`
}

/** Where the files of units stand, of those that the layout shows. */
async function* shown(unitFiles: AsyncIterable<string>, layout: Layout): AsyncGenerator<string> {
  for await (const unitFile of unitFiles) {
    const path = layout.place(unitFile)
    if (layout.locate(path) !== undefined) yield path
  }
}
