import type { SyncEvent } from '../../../core/importer.ts'
import type { Repomd } from '../metadata/repomd.ts'
import type { RepomdTags } from '../metadata/repomd-tags.ts'
import type { YumPublishRun } from '../published-content.ts'
import { repositoryTagsType, tagsIn, toTagsUnit } from './repository-tags-unit.ts'

/** A mirror says of itself what upstream says now, whatever `remove_missing` is. */
export function* tagsEvents({ tags }: Repomd, skip: readonly string[]): Generator<SyncEvent> {
  if (skip.includes(repositoryTagsType.id)) return
  if (tags !== undefined) yield { units: [toTagsUnit(tags)] }
  yield { only: [repositoryTagsType.id] }
}

/** Those of the version that is published. */
export async function publishedTags(run: YumPublishRun): Promise<RepomdTags | undefined> {
  if (run.config.skip.includes(repositoryTagsType.id)) return undefined
  for await (const { unit } of run.units({ types: [repositoryTagsType.id] })) return tagsIn(unit.metadata)
  return undefined
}
