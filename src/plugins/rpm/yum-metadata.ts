import { DeckleError } from '../../core/errors.ts'
import type { SyncRun } from '../../core/importer.ts'
import type { FetchedDocument } from '../../core/upstream.ts'
import { FormatError } from '../../formats/format-error.ts'
import { MetadataDocument } from './metadata/metadata-document.ts'
import { type PackageFile, packageFiles } from './metadata/namespaces.ts'
import { PackageMetadata } from './metadata/package-metadata.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from './metadata/repomd.ts'
import { malformedRepository, metadataNotParsed, rethrowNotFetched } from './metadata-errors.ts'
import { withSlash } from './package-location.ts'

/** Below the folder of a repository. */
export const repomdPath = 'repodata/repomd.xml'

export const maxRepomdBytes = 16 * 1024 * 1024
/** Compressed, where repomd.xml states no size. */
const maxMetadataBytes = 2 * 1024 ** 3

type Fetch = SyncRun<unknown>['fetch']

/** A repository's repomd.xml and the hash of its bytes, which changes whenever anything in the repository does. */
export interface FetchedRepomd {
  readonly repomd: Repomd
  readonly sha256: string
  /** Its bytes. */
  readonly document: FetchedDocument
}

/** What a repository lists. One without filelists or other is legal, if poor. */
export type YumMetadata = { readonly primary: PackageMetadata } & {
  readonly [File in PackageFile]?: PackageMetadata
} & {
  /** The others that are wanted, by their type in repomd.xml. */
  readonly files: ReadonlyMap<string, MetadataDocument>
  /** All that were fetched. */
  readonly documents: readonly MetadataDocument[]
}

/** Whether a file is wanted, by its type in repomd.xml and the types of all that are there. */
export type IsWanted = (type: string, listed: ReadonlySet<string>) => boolean

/** More are no repository that anybody has made. */
const maxFiles = 200

/** Throws RPM1004 or RPM1006. */
export async function fetchRepomd(fetch: Fetch, repository: URL): Promise<FetchedRepomd> {
  const url = new URL(repomdPath, repository).href
  return readRepomd(
    await fetch({ url, maxBytes: maxRepomdBytes }).catch((error) => rethrowNotFetched(error, repomdPath)),
  )
}

/** Throws RPM1006. */
export async function readRepomd(document: FetchedDocument): Promise<FetchedRepomd> {
  try {
    const bytes = Buffer.concat(await document.read().toArray())
    return { repomd: parseRepomd(bytes), sha256: document.sha256, document }
  } catch (error) {
    throw error instanceof FormatError ? metadataNotParsed(`${repomdPath}: ${error.message}`, error) : error
  }
}

/**
 * Fetches the files of packages and those others of repomd.xml that are wanted, by type; verified. When a file cannot be had, and
 * upstream has changed its repomd.xml meanwhile, the new one is followed, once. Throws RPM1004 or RPM1015.
 */
export async function fetchMetadata(
  fetch: Fetch,
  repository: URL,
  first: FetchedRepomd,
  wanted: IsWanted,
): Promise<FetchedRepomd & { readonly metadata: YumMetadata }> {
  try {
    return { ...first, metadata: await fetchListed(fetch, repository, first.repomd, wanted) }
  } catch (error) {
    const second = isNotFetched(error) ? await fetchRepomd(fetch, repository) : first
    if (second.sha256 === first.sha256) throw error
    return { ...second, metadata: await fetchListed(fetch, repository, second.repomd, wanted) }
  }
}

async function fetchListed(
  fetch: Fetch,
  repository: URL,
  { records }: Repomd,
  isWanted: IsWanted,
): Promise<YumMetadata> {
  const byType = new Map(records.toReversed().map((record) => [record.type, record]))
  const listed = new Set(byType.keys())
  const wanted = (type: string) => isWanted(type, listed)
  if (byType.size > maxFiles) throw malformedRepository(`repomd.xml lists ${byType.size} files`)
  const packageRecord = (type: PackageFile) => {
    const record = byType.get(type)
    return record === undefined || !wanted(type) ? undefined : fetchRecord(fetch, repository, record)
  }
  const [files, primary, filelists, other] = await Promise.all([
    fetchOthers(fetch, repository, byType, wanted),
    ...packageFiles.map(packageRecord),
  ])
  if (primary === undefined) throw malformedRepository('repomd.xml lists no primary')
  return {
    primary: new PackageMetadata(primary, { tolerant: true }),
    ...(filelists && { filelists: new PackageMetadata(filelists) }),
    ...(other && { other: new PackageMetadata(other) }),
    files,
    documents: [primary, filelists, other, ...files.values()].filter((document) => document !== undefined),
  }
}

/** One after the other: they are small beside those of packages. */
async function fetchOthers(
  fetch: Fetch,
  repository: URL,
  byType: ReadonlyMap<string, RepomdRecord>,
  wanted: (type: string) => boolean,
): Promise<ReadonlyMap<string, MetadataDocument>> {
  const files = new Map<string, MetadataDocument>()
  for (const [type, record] of [...byType].toReversed()) {
    if (isPackageFile(type) || !wanted(type)) continue
    files.set(type, await fetchRecord(fetch, repository, record))
  }
  return files
}

function isPackageFile(type: string): boolean {
  return packageFiles.some((file) => file === type)
}

async function fetchRecord(fetch: Fetch, repository: URL, record: RepomdRecord): Promise<MetadataDocument> {
  const base = record.base === undefined ? repository.href : withSlash(record.base)
  const url = URL.parse(record.href, base)
  if (url === null) throw malformedRepository(`the location of ${record.type} is no address`)
  const { size, checksum } = record
  const expected = { digests: checksum === undefined ? [] : [checksum], ...(size !== undefined && { size }) }
  const request = { url: url.href, expected, maxBytes: size ?? maxMetadataBytes }
  const document = await fetch(request).catch((error) => rethrowNotFetched(error, record.href))
  return new MetadataDocument(document, record)
}

function isNotFetched(error: unknown): boolean {
  return error instanceof DeckleError && error.details.code === 'RPM1004'
}
