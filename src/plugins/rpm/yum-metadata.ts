import { DeckleError } from '../../core/errors.ts'
import type { SyncRun } from '../../core/importer.ts'
import { FormatError } from '../../formats/format-error.ts'
import { type PackageFile, packageFiles } from './metadata/namespaces.ts'
import { PackageMetadata } from './metadata/package-metadata.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from './metadata/repomd.ts'
import { malformedRepository, metadataNotParsed, rethrowNotFetched } from './metadata-errors.ts'

/** Below the folder of a repository. */
export const repomdPath = 'repodata/repomd.xml'

const maxRepomdBytes = 16 * 1024 * 1024
/** Compressed, where repomd.xml states no size. */
const maxMetadataBytes = 2 * 1024 ** 3

type Fetch = SyncRun<unknown>['fetch']

/** A repository's repomd.xml and the hash of its bytes, which changes whenever anything in the repository does. */
export interface FetchedRepomd {
  readonly repomd: Repomd
  readonly sha256: string
}

/** The package files of a repository. One without filelists or other is legal, if poor. */
export type YumMetadata = { readonly primary: PackageMetadata } & { readonly [File in PackageFile]?: PackageMetadata }

/** Throws RPM1004 or RPM1006. */
export async function fetchRepomd(fetch: Fetch, repository: URL): Promise<FetchedRepomd> {
  const url = new URL(repomdPath, repository).href
  const document = await fetch({ url, maxBytes: maxRepomdBytes }).catch((error) => rethrowNotFetched(error, repomdPath))
  try {
    const bytes = Buffer.concat(await document.read().toArray())
    return { repomd: parseRepomd(bytes), sha256: document.sha256 }
  } catch (error) {
    throw error instanceof FormatError ? metadataNotParsed(`${repomdPath}: ${error.message}`, error) : error
  }
}

/**
 * Fetches what repomd.xml lists, verified. When a file cannot be had, and upstream has changed its repomd.xml meanwhile, the
 * new one is followed, once. Throws RPM1004 or RPM1015.
 */
export async function fetchMetadata(
  fetch: Fetch,
  repository: URL,
  first: FetchedRepomd,
): Promise<FetchedRepomd & { readonly metadata: YumMetadata }> {
  try {
    return { ...first, metadata: await fetchListed(fetch, repository, first.repomd) }
  } catch (error) {
    const second = isNotFetched(error) ? await fetchRepomd(fetch, repository) : first
    if (second.sha256 === first.sha256) throw error
    return { ...second, metadata: await fetchListed(fetch, repository, second.repomd) }
  }
}

async function fetchListed(fetch: Fetch, repository: URL, repomd: Repomd): Promise<YumMetadata> {
  const files = packageFiles.map(async (type) => {
    const record = repomd.records.find((candidate) => candidate.type === type)
    return record === undefined ? undefined : fetchRecord(fetch, repository, record)
  })
  const [primary, filelists, other] = await Promise.all(files)
  if (primary === undefined) throw malformedRepository('repomd.xml lists no primary')
  return { primary, ...(filelists && { filelists }), ...(other && { other }) }
}

async function fetchRecord(fetch: Fetch, repository: URL, record: RepomdRecord): Promise<PackageMetadata> {
  const url = URL.parse(record.href, record.base ?? repository.href)
  if (url === null) throw malformedRepository(`the location of ${record.type} is no address`)
  const { size, checksum } = record
  const expected = { digests: checksum === undefined ? [] : [checksum], ...(size !== undefined && { size }) }
  const request = { url: url.href, expected, maxBytes: size ?? maxMetadataBytes }
  const document = await fetch(request).catch((error) => rethrowNotFetched(error, record.href))
  return new PackageMetadata(document, record)
}

function isNotFetched(error: unknown): boolean {
  return error instanceof DeckleError && error.details.code === 'RPM1004'
}
