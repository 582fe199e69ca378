import type { Visitor } from '../core/content-access.ts'
import type { PublishedContent } from '../core/publication.ts'
import type { ContentAnswer } from './content-answer.ts'
import { lookAbove, PublicationLook } from './look-into-publication.ts'
import type { PublicationGuard } from './publication-guard.ts'
import type { PublishedFiles } from './published-files.ts'
import { PublishedPaths } from './published-paths.ts'
import { prefixes } from './read-published-paths.ts'

/**
 * What stood at a path at a time that is past, told by the database at every request: nobody is in a hurry for it, and what
 * retention has taken away must not be answered from memory. Only what was live then counts, not what was in grace.
 */
export class FormerContent {
  readonly #content: PublishedContent
  readonly #look: PublicationLook
  readonly #guard: PublicationGuard

  constructor(content: PublishedContent, files: PublishedFiles, guard: PublicationGuard) {
    this.#content = content
    this.#guard = guard
    this.#look = new PublicationLook(content, {
      find: (publications, path) => files.lookUp(publications, path),
      layout: (publication) => files.layout(publication),
    })
  }

  /** `path` as for `ContentResolver.resolve`. */
  async resolve(path: string, at: Date, visitor: Visitor): Promise<ContentAnswer> {
    const former = await this.#content.formerly(prefixes(path), at)
    if (former === undefined) return this.#lookAbove(path, at)
    const refusal = await this.#guard.refusal(former, path, visitor)
    if (refusal !== undefined) return refusal
    const { basePath, whole } = former
    const relative = path.length > basePath.length ? path.slice(basePath.length + 1) : undefined
    const folders = path.endsWith('/') ? await this.#foldersAt(at) : () => []
    const answer = await this.#look.at({ publications: [former], relative, inner: () => folders(path) })
    if (answer !== undefined || whole) return answer ?? { kind: 'not-found' }
    const reason = `Units of what was published here at ${at.toISOString()} were deleted as orphans`
    return { kind: 'not-found', reason }
  }

  async #lookAbove(path: string, at: Date): Promise<ContentAnswer> {
    const answer = lookAbove(path, await this.#foldersAt(at))
    return answer.kind === 'not-found' ? { kind: 'not-found', reason: await this.#reason(path, at) } : answer
  }

  async #foldersAt(at: Date): Promise<(folder: string) => readonly string[]> {
    const paths = new PublishedPaths()
    const basePaths = await this.#content.formerBasePaths(at)
    paths.replaceAll(basePaths.map((basePath) => ({ basePath, publications: [] })))
    return (folder) => paths.foldersIn(folder)
  }

  async #reason(path: string, at: Date): Promise<string> {
    const { now, since } = await this.#content.keptSince(prefixes(path))
    if (at > now) return `${at.toISOString()} has not come yet`
    if (since === null) return 'Nothing that was published here is kept'
    return `What was published here at ${at.toISOString()}, if anything, is not kept: it is from ${since.toISOString()} on`
  }
}
