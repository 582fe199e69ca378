import type { ContentType } from './content-type.ts'
import type { JsonObject } from './json.ts'

/** The member of key and metadata that names the owner of a unit whose type has `scope: 'repository'`. */
export const ownerField = 'repo_id'

export function isOwned(type: ContentType | undefined): type is ContentType {
  return type?.scope === 'repository'
}

/** The key, or the metadata, of a unit as it is in a repository: one that repositories own says whose it is. */
export function ownedFields(type: ContentType | undefined, repositoryId: string, fields: JsonObject): JsonObject {
  return isOwned(type) ? { ...fields, [ownerField]: repositoryId } : fields
}

/** The key that metadata holds. */
export function keyOf(type: ContentType, metadata: JsonObject): JsonObject {
  return Object.fromEntries(type.keyFields.map((field) => [field, metadata[field] ?? null]))
}
