import type { ContentType } from '../../../core/content-type.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import type { DiscoveredFile, DiscoveredUnit } from '../../../core/unit.ts'
import type { FetchedDocument } from '../../../core/upstream.ts'
import { hiddenFolder } from '../exact-layout.ts'
import type { Census } from './census.ts'

/**
 * All that upstream has below `repodata/`, byte for byte, with a count of the units that it describes: what a distributor with
 * `metadata: exact` shows. One at most in a repository; an extension.
 */
export const upstreamMetadataType: ContentType = {
  id: 'yum_upstream_metadata',
  displayName: 'Upstream Metadata',
  description: 'Metadata of an upstream, byte for byte',
  keyFields: ['name', 'repo_id'],
  searchIndexes: ['name'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
  scope: 'repository',
}

/** A file below `repodata/`, by its path from there. */
export interface UpstreamFile {
  readonly name: string
  readonly document: FetchedDocument
}

export function toUpstreamMetadataUnit(repomd: string, files: readonly UpstreamFile[], census: Census): DiscoveredUnit {
  const key = { name: 'repodata' }
  const metadata = { ...key, repomd, counts: census.counts, content: census.content, unserved: census.unserved }
  return { type: upstreamMetadataType.id, key, metadata, files: files.map(toFile) }
}

/** The census that a unit holds. */
export function censusIn({ counts, content, unserved }: JsonObject): Census {
  return {
    counts: isJsonObject(counts) ? numbersOf(counts) : {},
    content: String(content),
    unserved: typeof unserved === 'number' ? unserved : 0,
  }
}

function numbersOf(counts: Readonly<Record<string, Json>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).map(([type, count]) => [type, Number(count)]))
}

function toFile({ name, document }: UpstreamFile): DiscoveredFile {
  const { sha256, size } = document
  const digests = [{ algorithm: 'sha256', value: sha256 }] as const
  return { path: `${hiddenFolder}${name}`, size, digests, urls: [], content: () => document.read() }
}
