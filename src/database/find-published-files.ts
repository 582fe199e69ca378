import type { DeferredPublishedFile, FileCandidate, PublishedFile } from '../core/publication.ts'
import { decodeRope } from '../core/rope.ts'
import type { FileRow } from './published-content-sql.ts'

/** A path, and the publications that may have it, in order. */
export interface FileQuestion {
  readonly candidates: readonly FileCandidate[]
  readonly path: string
}

export type FoundFile = PublishedFile | DeferredPublishedFile | undefined

/** The candidates of all questions, one after the other: the parameters of `findFiles`. */
export function candidateColumns(questions: readonly FileQuestion[]): unknown[] {
  const publications: number[] = []
  const repositories: (number | null)[] = []
  const versions: number[] = []
  const unitPaths: (string | null)[] = []
  const paths: string[] = []
  for (const { candidates, path } of questions) {
    for (const { publication, unitFile } of candidates) {
      publications.push(publication.id)
      repositories.push(publication.repositoryKey)
      versions.push(publication.version)
      unitPaths.push(unitFile ?? null)
      paths.push(path)
    }
  }
  return [publications, repositories, versions, unitPaths, paths]
}

/** The file of the first candidate of each question that has one. `rows` has at most one for each candidate, in any order. */
export function filesFound(questions: readonly FileQuestion[], rows: readonly FileRow[]): readonly FoundFile[] {
  const byRank = new Map(rows.map((row) => [row.rank, row]))
  let rank = 0
  return questions.map(({ candidates }) => {
    let file: FoundFile
    for (const { publication } of candidates) {
      const row = byRank.get(++rank)
      if (row !== undefined) file ??= toFile(row, publication.liveFrom)
    }
    return file
  })
}

function toFile(row: FileRow, liveFrom: Date): PublishedFile | DeferredPublishedFile {
  const { size, sha256, media_type: mediaType, parts, deferred } = row
  const lastModified = row.modified ?? liveFrom
  if (deferred !== null) return { fileKey: deferred, size, sha256, lastModified }
  if (sha256 === null || size === null) throw new Error('a stored file has a digest and a size')
  const rope = parts === null ? [{ sha256, offset: 0, length: size }] : decodeRope(parts)
  return { size, sha256, mediaType, rope, lastModified }
}
