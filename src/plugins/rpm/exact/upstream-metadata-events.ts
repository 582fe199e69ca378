import { DeckleError } from '../../../core/errors.ts'
import type { SyncEvent, SyncRun } from '../../../core/importer.ts'
import type { FetchedDocument } from '../../../core/upstream.ts'
import { fetchIfThere } from '../fetch-if-there.ts'
import { metadataNotFetched } from '../metadata-errors.ts'
import type { UpstreamState } from '../unchanged-upstream.ts'
import { type FetchedRepomd, fetchRepomd, repomdPath, type YumMetadata } from '../yum-metadata.ts'
import type { CensusTaker } from './census.ts'
import { toUpstreamMetadataUnit, type UpstreamFile, upstreamMetadataType } from './upstream-metadata-unit.ts'

const maxSignatureBytes = 1024 ** 2
const folder = 'repodata/'
/** What vouches for repomd.xml, below the repository. */
export const signatureNames: readonly string[] = ['asc', 'key'].map((ending) => `${repomdPath}.${ending}`)
/** Locations that lead nowhere else and are found in a publication. */
const plainPath = /^repodata\/(?!\.{1,2}(?:\/|$))[\w.,+~^=@-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.,+~^=@-]+)*$/

interface Found extends FetchedRepomd {
  readonly metadata: YumMetadata
  readonly repository: URL
}

/**
 * The bytes of all metadata, with the signature if upstream has one, after everything else was counted. What cannot be shown as it is
 * is a problem, and then there is no such unit. In the end, what the signature was.
 */
export async function* upstreamMetadataEvents(
  fetch: SyncRun<unknown>['fetch'],
  found: Found,
  census: CensusTaker,
): AsyncGenerator<SyncEvent, UpstreamState> {
  const reason = faultOf(found)
  if (reason !== undefined) {
    yield { problem: { ...problem, reason } }
    return {}
  }
  const files: UpstreamFile[] = [{ name: 'repomd.xml', document: found.document }]
  for (const document of found.metadata.documents)
    files.push({ name: document.href.slice(folder.length), document: document.fetched })
  const signed = await signatures(fetch, found)
  files.push(...signed)
  yield { units: [toUpstreamMetadataUnit(found.sha256, files, census.result(found.metadata.primary.root?.announced))] }
  return Object.fromEntries(signed.map(({ name, document }) => [`${folder}${name}`, document.sha256]))
}

const problem = {
  stage: 'metadata',
  type: upstreamMetadataType.id,
  key: { name: 'repodata' },
  name: 'metadata: exact',
  code: 'malformed',
} as const

/** Why this metadata cannot be shown byte for byte. */
function faultOf({ repomd, metadata }: Found): string | undefined {
  const odd = repomd.records.find(({ href, base }) => base !== undefined || !plainPath.test(href))
  if (odd !== undefined) return `${odd.type} of repomd.xml does not lie below repodata/`
  return metadata.documents.length < repomd.records.length ? 'repomd.xml lists two files of a type' : undefined
}

/** Those of upstream. Throws RPM1004 when they may be of another repomd.xml, as upstream has a new one by now. */
async function signatures(fetch: SyncRun<unknown>['fetch'], { repository, sha256 }: Found): Promise<UpstreamFile[]> {
  const found: UpstreamFile[] = []
  for (const path of signatureNames) {
    const url = new URL(path, repository).href
    const document: FetchedDocument | undefined = await fetchIfThere(fetch, { url, maxBytes: maxSignatureBytes })
    if (document !== undefined) found.push({ name: path.slice(folder.length), document })
  }
  if (found.length > 0 && (await fetchRepomd(fetch, repository)).sha256 !== sha256) {
    const cause = new DeckleError('upstream', 'repomd.xml was replaced')
    throw metadataNotFetched('upstream has changed while its signature was fetched: sync again', cause)
  }
  return found
}
