import type { Transaction } from 'kysely'
import { isOwned } from '../../core/owned-unit.ts'
import type { RepositoryVersion, VersionCommit } from '../../core/repository-version.ts'
import type { Schema } from '../schema.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { SourceRecorder } from '../units/save-sources.ts'
import { type BaseVersion, openBase } from './base-version.ts'
import { becomeVersion } from './become-version.ts'
import { insertVersion, totalsOf } from './commit-version.ts'
import { type HeldVersion, lockVersion } from './lock-version.ts'
import { type DraftPosition, summarize, type TypeChange } from './membership.ts'

interface TakeOver {
  readonly types: ContentTypeIds
  readonly repositoryId: string
  /** Whose content it gets. */
  readonly source: { readonly repositoryId: string; readonly version: number }
  /** Row id of the task. */
  readonly task: number
}

/** Makes the next version of a repository out of another version, in a transaction that has asserted the fence. */
export async function takeOverVersion(transaction: Transaction<Schema>, work: TakeOver): Promise<VersionCommit> {
  const { types, repositoryId, task } = work
  const base = await openBase(transaction, repositoryId)
  const position = { repository: base.repository, next: base.version.number + 1 }
  const source = await lockVersion(transaction, position, work.source.repositoryId, work.source.version)
  const ownedTypes = ownedIn(types, source, base.version)
  const differs = await becomeVersion(transaction, { types, repositoryId, ownedTypes }, position, source)
  const changes = differs ? await summarize(transaction, position) : []
  if (changes.length === 0) return { version: base.version, ...totalsOf(changes) }
  await dropSources(transaction, base, position, changes)
  const context = { types, base: base.version, task, content: source.content }
  return { version: await insertVersion(transaction, position, context, changes), ...totalsOf(changes) }
}

/** Ids of types that repositories own and that one of the two has units of. */
function ownedIn(types: ContentTypeIds, source: HeldVersion, base: RepositoryVersion): readonly number[] {
  const names = types.names.filter((name) => (source.counts[name] ?? 0) + (base.counts[name] ?? 0) > 0)
  return names.filter((name) => isOwned(types.declared(name))).map((name) => types.id(name))
}

async function dropSources(
  transaction: Transaction<Schema>,
  { importer }: BaseVersion,
  { repository, next }: DraftPosition,
  changes: readonly TypeChange[],
): Promise<void> {
  const { updated, removed } = totalsOf(changes)
  if (importer === undefined || updated + removed === 0) return
  await new SourceRecorder(importer).dropUnlisted(transaction, repository, next)
}
