import { DeckleError } from '../../../core/errors.ts'
import type { SyncEvent, SyncRun } from '../../../core/importer.ts'
import type { FetchedDocument } from '../../../core/upstream.ts'
import { fetchIfThere } from '../fetch-if-there.ts'
import { metadataNotFetched } from '../metadata-errors.ts'
import { type FetchedRepomd, fetchRepomd, repomdPath, type YumMetadata } from '../yum-metadata.ts'
import type { CensusTaker } from './census.ts'
import { toUpstreamMetadataUnit, type UpstreamFile, upstreamMetadataType } from './upstream-metadata-unit.ts'

const maxSignatureBytes = 1024 ** 2
const folder = 'repodata/'
/** Locations that lead nowhere else and are found in a publication. */
const plainPath = /^repodata\/(?!\.{1,2}(?:\/|$))[\w.,+~^=@-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.,+~^=@-]+)*$/

interface Found extends FetchedRepomd {
  readonly metadata: YumMetadata
  readonly repository: URL
}

/**
 * The bytes of all metadata, with the signature if upstream has one, after everything else was counted. What cannot be shown as it is
 * is a problem, and then there is no such unit.
 */
export async function* upstreamMetadataEvents(
  fetch: SyncRun<unknown>['fetch'],
  found: Found,
  census: CensusTaker,
): AsyncGenerator<SyncEvent> {
  const reason = faultOf(found)
  if (reason !== undefined) return yield { problem: { ...problem, reason } }
  const files: UpstreamFile[] = [{ name: 'repomd.xml', document: found.document }]
  for (const document of found.metadata.documents)
    files.push({ name: document.href.slice(folder.length), document: document.fetched })
  files.push(...(await signatures(fetch, found)))
  yield { units: [toUpstreamMetadataUnit(found.sha256, files, census.result(found.metadata.primary.root?.announced))] }
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
  for (const ending of ['asc', 'key']) {
    const name = `repomd.xml.${ending}`
    const url = new URL(`${repomdPath}.${ending}`, repository).href
    const document: FetchedDocument | undefined = await fetchIfThere(fetch, { url, maxBytes: maxSignatureBytes })
    if (document !== undefined) found.push({ name, document })
  }
  if (found.length > 0 && (await fetchRepomd(fetch, repository)).sha256 !== sha256) {
    const cause = new DeckleError('upstream', 'repomd.xml was replaced')
    throw metadataNotFetched('upstream has changed while its signature was fetched: sync again', cause)
  }
  return found
}
