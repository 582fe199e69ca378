import { BoundedCache } from '../core/bounded-cache.ts'
import type { Layout } from '../core/layout.ts'
import type { Plugins } from '../core/plugin.ts'
import {
  type DeferredPublishedFile,
  isDeferred,
  type PublishedContent,
  type PublishedFile,
  type PublishedPath,
  type ServedPublication,
} from '../core/publication.ts'

/** What stands at a path of a publication, if anything. */
type Found = PublishedFile | DeferredPublishedFile | undefined

/** Of the facts of files, not of their bytes. */
const memoryBytes = 16 * 1024 * 1024

/**
 * Files of publications, with a memory for those of live ones. A publication is sealed, so what was found once holds for as long
 * as it is served; that something was not found, or not stored, is never remembered.
 */
export class PublishedFiles {
  readonly #content: PublishedContent
  readonly #plugins: Plugins
  readonly #known = new BoundedCache<PublishedFile>(memoryBytes)
  /** Look-ups under way: after a switch everybody asks for the same file at once. */
  readonly #asked = new Map<string, Promise<Found>>()

  constructor(content: PublishedContent, plugins: Plugins) {
    this.#content = content
    this.#plugins = plugins
  }

  /** The file of the live publication, if it was looked up before. */
  known(published: PublishedPath, path: string): PublishedFile | undefined {
    const [live] = published.publications
    return live && this.#known.get(keyOf(live, path))
  }

  /** The file of the live publication, else of the newest superseded one that has it. */
  async find(publications: readonly ServedPublication[], path: string): Promise<Found> {
    const [live, ...superseded] = publications
    if (live === undefined) return undefined
    const found = this.#known.get(keyOf(live, path)) ?? (await this.#findLive(live, path))
    if (found !== undefined || superseded.length === 0) return found
    return this.lookUp(superseded, path)
  }

  /** The layout of a publication; undefined when its plugin is gone: then only generated files are served. */
  layout(publication: ServedPublication): Layout | undefined {
    return this.#plugins.findDistributor(publication.distributorType)?.layouts[publication.layout]
  }

  #findLive(live: ServedPublication, path: string): Promise<Found> {
    const key = keyOf(live, path)
    const asked = this.#asked.get(key)
    if (asked !== undefined) return asked
    const finding = this.lookUp([live], path).finally(() => this.#asked.delete(key))
    this.#asked.set(key, finding)
    return finding.then((found) => {
      if (found !== undefined && !isDeferred(found)) this.#known.set(key, found, weightOf(key, found))
      return found
    })
  }

  /** The file of the first publication that has it, told by the database. */
  lookUp(publications: readonly ServedPublication[], path: string): Promise<Found> {
    const candidates = publications.flatMap((publication) => {
      const layout = this.layout(publication)
      const [unitFile, other] = [layout?.locate(path), layout?.locateInstead?.(path)]
      const first = { publication, unitFile }
      return other === undefined || other === unitFile ? [first] : [first, { publication, unitFile: other }]
    })
    return this.#content.find(candidates, path)
  }
}

function keyOf(publication: ServedPublication, path: string): string {
  return `${publication.id}/${path}`
}

function weightOf(key: string, file: PublishedFile): number {
  return 400 + 2 * key.length + 150 * file.rope.length
}
