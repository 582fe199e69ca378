import { sql, type Transaction } from 'kysely'
import type { Json } from '../../core/json.ts'
import type { RepositoryVersion, VersionCommit } from '../../core/repository-version.ts'
import { jsonb, type Schema } from '../schema.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import type { DraftPosition, TypeChange } from './membership.ts'

export type ChangeTotals = Pick<VersionCommit, 'added' | 'updated' | 'removed'>

export function totalsOf(changes: readonly TypeChange[]): ChangeTotals {
  const sum = (field: keyof ChangeTotals) => changes.reduce((total, change) => total + change[field], 0)
  return { added: sum('added'), updated: sum('updated'), removed: sum('removed') }
}

interface CommitContext {
  readonly types: ContentTypeIds
  readonly base: RepositoryVersion
  /** Row id of the task that makes the version. */
  readonly task: number
  /** Of the version that it has become, whose content it has (`repository_version.content`). */
  readonly content: string | undefined
}

/** Makes a draft with changes the latest version. */
export async function insertVersion(
  transaction: Transaction<Schema>,
  { repository, next }: DraftPosition,
  { types, base, task, content }: CommitContext,
  changes: readonly TypeChange[],
): Promise<RepositoryVersion> {
  const fileBytes = changes.reduce((bytes, change) => bytes + change.fileBytes, base.fileBytes)
  const counts = jsonb(countsAfter(types, base, changes))
  const { added, updated, removed } = totalsOf(changes)
  const row = await transaction
    .with('moved', (queries) =>
      queries
        .updateTable('repository')
        .set({
          latest: next,
          ...(added + updated > 0 && { last_unit_added: sql`now()` }),
          ...(updated + removed > 0 && { last_unit_removed: sql`now()` }),
        })
        .where('id', '=', repository),
    )
    .insertInto('repository_version')
    .values({ repository, number: next, task, counts, file_bytes: fileBytes, ...(content && { content }) })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { number: next, created: row.created, counts: row.counts, fileBytes, pruned: false }
}

/** A type whose last unit went stays with 0 (pulp2-api §5.1). */
function countsAfter(types: ContentTypeIds, base: RepositoryVersion, changes: readonly TypeChange[]) {
  const counts: Record<string, number> = { ...base.counts }
  for (const change of changes) {
    const name = types.name(change.type)
    counts[name] = (counts[name] ?? 0) + change.added - change.removed
  }
  return counts
}

/** Keeps what the importer wants to know in its next run of this version, and what it shows to clients. */
export async function keepForImporter(
  transaction: Transaction<Schema>,
  { repository }: DraftPosition,
  version: number,
  { remember, scratchpad }: { readonly remember: Json | undefined; readonly scratchpad: Json | undefined },
): Promise<void> {
  const values = {
    ...(remember !== undefined && { remembered: jsonb(remember), remembered_version: version }),
    ...(scratchpad !== undefined && { scratchpad: jsonb(scratchpad) }),
  }
  if (Object.keys(values).length === 0) return
  await transaction.updateTable('importer').set(values).where('repository', '=', repository).execute()
}
