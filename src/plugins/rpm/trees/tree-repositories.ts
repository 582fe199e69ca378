import type { SyncRun } from '../../../core/importer.ts'
import type { DiscoveredFile } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { fetchIfThere } from '../fetch-if-there.ts'
import type { MetadataDocument } from '../metadata/metadata-document.ts'
import { readAnyPackage } from '../metadata/read-any-package.ts'
import { urlBelow, withSlash } from '../package-location.ts'
import { digestOf, hasSoundValue } from '../package-unit.ts'
import { rpmType } from '../rpm-types.ts'
import {
  type FetchedRepomd,
  fetchMetadata,
  maxRepomdBytes,
  readRepomd,
  repomdPath,
  type YumMetadata,
} from '../yum-metadata.ts'
import { folderInTree, isTreeFile } from './tree-path.ts'

/** In all repositories below one tree; a DVD of RHEL has a tenth of it. */
const mostFiles = 50_000

type Fetch = SyncRun<unknown>['fetch']

/**
 * The files of repositories of variants and addons that lie below a tree: their metadata byte for byte, and the packages that it
 * lists. One that upstream does not have is left out. Throws RPM1004, RPM1006 or RPM1015 for one that cannot be read.
 */
export async function* treeRepositoryFiles(
  fetch: Fetch,
  tree: URL,
  folders: readonly string[],
): AsyncGenerator<DiscoveredFile> {
  let files = 0
  for (const folder of folders) {
    for await (const file of filesOf(fetch, tree, folder)) {
      files += 1
      if (files > mostFiles)
        throw new FormatError('too-large', `the repositories below the tree have more than ${mostFiles} files`)
      yield file
    }
  }
}

async function* filesOf(fetch: Fetch, tree: URL, folder: string): AsyncGenerator<DiscoveredFile> {
  const repository = new URL(urlBelow(tree, `${folder}/`))
  const document = await fetchIfThere(fetch, {
    url: new URL(repomdPath, repository).href,
    maxBytes: maxRepomdBytes,
  })
  if (document === undefined) return
  const found = await fetchMetadata(fetch, repository, await readRepomd(document), () => true)
  yield metadataFile(`${folder}/${repomdPath}`, found, repository)
  for (const document of found.metadata.documents) {
    const path = pathOf(folder, document)
    if (path !== undefined) yield metadataFile(path, { document: document.fetched }, repository)
  }
  yield* packagesOf(found.metadata, tree, folder)
}

/** What was read: upstream may have other metadata by the time that somebody asks for it. */
function metadataFile(path: string, { document }: Pick<FetchedRepomd, 'document'>, repository: URL): DiscoveredFile {
  const { sha256, size } = document
  const digests = [{ algorithm: 'sha256', value: sha256 }] as const
  return { path, size, digests, urls: [repository.href], content: () => document.read() }
}

/** Undefined for what lies elsewhere. */
function pathOf(folder: string, { href, record }: MetadataDocument): string | undefined {
  const path = record.base === undefined ? folderInTree(`${folder}/${href}`) : undefined
  return path?.startsWith(withSlash(folder)) === true ? path : undefined
}

/**
 * Those that lie in folders of the tree where no packages of the tree itself are published. One that cannot be had is upstream's lack,
 * which is mirrored with its metadata.
 */
async function* packagesOf({ primary }: YumMetadata, tree: URL, folder: string): AsyncGenerator<DiscoveredFile> {
  for await (const snippets of primary.packages()) {
    for (const snippet of snippets) {
      const found = primary.isBroken(snippet) ? undefined : readAnyPackage(snippet, primary.root)?.found
      if (found === undefined || found.base !== undefined) continue
      const path = folderInTree(`${folder}/${found.href}`)
      const digest = digestOf(found)
      if (path === undefined || !isOfRepository(path) || digest === undefined || !hasSoundValue(digest)) continue
      const url = urlBelow(tree, path)
      const size = found.size !== undefined && { size: found.size }
      yield { path, digests: [digest], urls: [url], ...size, dispensableAs: rpmType.id }
    }
  }
}

function isOfRepository(path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return folder !== '' && isTreeFile(`${folder}x`)
}
