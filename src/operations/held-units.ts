import type { Plugins } from '../core/plugin.ts'
import type { VersionStore } from '../core/repository-version.ts'
import type { KnownUnit, RepositoryMember } from '../core/upload.ts'

/** The units of a type in a version of a repository, with their documents, one by one. */
export async function* heldUnits(
  services: { readonly versions: VersionStore; readonly plugins: Plugins },
  repositoryId: string,
  version: number,
  type: string,
): AsyncGenerator<KnownUnit> {
  const documents = services.plugins.contentTypes.find(({ id }) => id === type)?.documents ?? []
  for await (const { unit, documents: bodies } of services.versions.units({
    repositoryId,
    version,
    types: [type],
    documents,
  }))
    yield { metadata: unit.metadata, documents: bodies }
}

/** The same in short. */
export async function* memberUnits(
  { versions }: { readonly versions: VersionStore },
  repositoryId: string,
  version: number,
  type: string,
): AsyncGenerator<RepositoryMember> {
  for await (const { unit } of versions.units({ repositoryId, version, types: [type] }))
    yield { id: unit.id, metadata: unit.metadata }
}
