import type { ContentType } from '../../../core/content-type.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { DistroTag, RepomdTags } from '../metadata/repomd-tags.ts'

/** What repomd.xml says of the repository itself: one unit at most in a repository; an extension. */
export const repositoryTagsType: ContentType = {
  id: 'yum_repository_tags',
  displayName: 'YUM Repository Tags',
  description: 'Tags of a repository in its repomd.xml',
  keyFields: ['repo_id'],
  lookupFields: [],
  searchIndexes: ['repo_id'],
  referencedTypes: [],
  hasFiles: false,
  documents: [],
  scope: 'repository',
}

export function toTagsUnit({ content, repo, distro }: RepomdTags): DiscoveredUnit {
  const metadata = { content, repo, distro: distro.map((tag) => ({ ...tag })) }
  return { type: repositoryTagsType.id, key: {}, metadata, files: [] }
}

/** The inverse. */
export function tagsIn({ content, repo, distro }: JsonObject): RepomdTags {
  return { content: textsIn(content), repo: textsIn(repo), distro: listIn(distro).flatMap(toDistroTag) }
}

function toDistroTag(value: Json): readonly DistroTag[] {
  if (!isJsonObject(value)) return []
  const { cpeid, name } = value
  return [{ ...(typeof cpeid === 'string' && { cpeid }), name: String(name) }]
}

function textsIn(value: Json | undefined): readonly string[] {
  return listIn(value).filter((text) => typeof text === 'string')
}

function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
