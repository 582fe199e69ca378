import { type Expected, Verifier } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { SyncRun } from '../../core/importer.ts'
import type { FetchedDocument } from '../../core/upstream.ts'
import { FormatError } from '../../formats/format-error.ts'
import { parseMetalink } from '../../formats/metalink.ts'
import { parseMirrorList } from '../../formats/mirror-list.ts'
import { metadataNotFetched, metadataNotParsed, rethrowNotFetched } from './metadata-errors.ts'
import { Mirrors } from './mirrors.ts'
import { repositoryUrl, withSlash } from './package-location.ts'
import { type FetchedRepomd, fetchRepomd, repomdPath } from './yum-metadata.ts'

type Fetch = SyncRun<unknown>['fetch']

const maxListBytes = 1024 * 1024
/** Mirrors that are asked for a repomd.xml before the run gives up. */
const mostAsked = 10

/** A feed that answered: where its repository lies. */
export interface OpenFeed {
  readonly repository: URL
  readonly mirrors: Mirrors
  /** Reads from the mirrors. */
  readonly fetch: Fetch
  readonly repomd: FetchedRepomd
}

/** What a list of mirrors says. */
interface MirrorList {
  /** Folders of repositories, best first. */
  readonly folders: readonly string[]
  /** What repomd.xml may be; empty for anything. */
  readonly versions: readonly Expected[]
}

/**
 * Finds the repository of a feed: the feed is its folder, or else the address of a list of mirrors (pulp2-types §5.2) or of a
 * metalink. What looks like one of those is taken for one first. Throws RPM1004 or RPM1006.
 */
export async function openFeed(fetch: Fetch, feed: string): Promise<OpenFeed> {
  const folder = () => openFolder(fetch, feed)
  const list = () => readList(fetch, feed)
  const found = await (looksLikeList(feed) ? firstUsable(list, folder) : firstUsable(folder, list))
  return 'folders' in found ? openMirrors(fetch, found) : found
}

function looksLikeList(feed: string): boolean {
  const url = URL.parse(feed)
  return url !== null && (url.search !== '' || /\/(?:mirror[-_]?list|metalink)[^/]*$/i.test(url.pathname))
}

/** If both are of no use, the first one tells why. */
async function firstUsable<One, Other>(one: () => Promise<One>, other: () => Promise<Other>): Promise<One | Other> {
  try {
    return await one()
  } catch (error) {
    if (!isUnusable(error)) throw error
    return await other().catch((second) => {
      throw isUnusable(second) ? error : second
    })
  }
}

async function openFolder(fetch: Fetch, feed: string): Promise<OpenFeed> {
  const repository = repositoryUrl(feed)
  if (repository === undefined) throw new DeckleError('invalid', `the feed ${feed} is no URL`, { fields: ['feed'] })
  const repomd = await fetchRepomd(fetch, repository)
  return { repository, mirrors: new Mirrors([repository.href]), fetch, repomd }
}

async function readList(fetch: Fetch, feed: string): Promise<MirrorList> {
  const document = await fetch({ url: feed, maxBytes: maxListBytes }).catch((error) =>
    rethrowNotFetched(error, 'the feed'),
  )
  try {
    return parseList(await bytesOf(document))
  } catch (error) {
    throw error instanceof FormatError
      ? metadataNotParsed(`the feed as a list of mirrors: ${error.message}`, error)
      : error
  }
}

function parseList(bytes: Buffer): MirrorList {
  const isXml = /^\ufeff?\s*</.test(bytes.toString('utf8', 0, 1024))
  if (!isXml) return { folders: parseMirrorList(bytes).map(folderOf), versions: [] }
  const { urls, versions } = parseMetalink(bytes, 'repomd.xml')
  const folders = urls.flatMap((url) => (url.endsWith(`/${repomdPath}`) ? [url.slice(0, -repomdPath.length)] : []))
  if (folders.length === 0) throw new FormatError('malformed', `the metalink names no mirror that has a ${repomdPath}`)
  return { folders, versions }
}

function folderOf(url: string): string {
  const folder = new URL(url)
  folder.pathname = withSlash(folder.pathname)
  folder.search = ''
  return folder.href
}

/** Mirrors whose metadata is of no use are passed over, others end the run (pulp2-types §5.2). */
async function openMirrors(fetch: Fetch, { folders, versions }: MirrorList): Promise<OpenFeed> {
  const verifying = versions.length === 0 ? fetch : verifyingRepomd(fetch, folders, versions)
  const failures: DeckleError[] = []
  for (const [index, folder] of folders.slice(0, mostAsked).entries()) {
    try {
      const repository = new URL(folder)
      const repomd = await fetchRepomd(verifying, repository)
      const mirrors = new Mirrors(folders.slice(index))
      return { repository, mirrors, fetch: mirrors.fetching(verifying), repomd }
    } catch (error) {
      if (!isUnusable(error)) throw error
      failures.push(error)
    }
  }
  const reasons = failures.slice(0, 3).map((failure) => String(failure.details.data?.['reason']))
  throw metadataNotFetched(`none of ${failures.length} mirrors is of use: ${reasons.join('; ')}`, failures[0])
}

/** Lets only those bytes of repomd.xml pass that the metalink knows: mirrors need not be trusted. It knows none of those below. */
function verifyingRepomd(fetch: Fetch, folders: readonly string[], versions: readonly Expected[]): Fetch {
  const known = new Set(folders.map((folder) => folder + repomdPath))
  return async (request) => {
    const document = await fetch(request)
    if (!known.has(request.url)) return document
    const bytes = await bytesOf(document)
    if (versions.some((version) => isVersion(bytes, version))) return document
    throw new DeckleError('upstream', `${request.url} is no version that the metalink lists`, {
      code: 'checksum_mismatch',
    })
  }
}

function isVersion(bytes: Buffer, version: Expected): boolean {
  const verifier = new Verifier(version)
  try {
    verifier.update(bytes)
    verifier.finish()
    return true
  } catch (error) {
    if (error instanceof DeckleError) return false
    throw error
  }
}

async function bytesOf(document: FetchedDocument): Promise<Buffer> {
  return Buffer.concat(await document.read().toArray())
}

function isUnusable(error: unknown): error is DeckleError {
  return error instanceof DeckleError && ['RPM1004', 'RPM1006'].includes(error.details.code ?? '')
}
