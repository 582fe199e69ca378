import { type RawBuilder, sql, type Transaction } from 'kysely'
import { ownerField } from '../../core/owned-unit.ts'
import type { Schema } from '../schema.ts'
import { plainArray } from '../units/array-literals.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { dropMembers, takeUnits } from './catalog-members.ts'
import type { HeldVersion } from './lock-version.ts'
import type { DraftPosition } from './membership.ts'
import { differingUnits } from './version-kinship.ts'

interface Context {
  readonly types: ContentTypeIds
  readonly repositoryId: string
  /** Ids of types that repositories own, as far as the version or the repository has units of them. */
  readonly ownedTypes: readonly number[]
}

/**
 * Makes the content of a new draft that of a version that is held; of what that repository owns it gets clones. Costs the difference
 * where the two repositories are known to have held the same once, otherwise as much as both hold. The units need no lock: whoever
 * deletes one as an orphan locks the versions that have it (docs/decisions/deleting-blobs.md). False when nothing can be different.
 */
export async function becomeVersion(
  transaction: Transaction<Schema>,
  context: Context,
  position: DraftPosition,
  source: HeldVersion,
): Promise<boolean> {
  const { repository, next } = position
  const units = await differingUnits(transaction, position, source, context.ownedTypes)
  if (units?.length === 0) return false
  const among = (alias: string) => (units === undefined ? sql`true` : isAmong(alias, units))
  await sql`
    UPDATE membership SET removed_in = ${next}
    WHERE membership.repository = ${repository} AND membership.removed_in IS NULL AND ${among('membership')}
      AND NOT EXISTS (
        SELECT FROM membership AS wanted WHERE wanted.unit = membership.unit AND ${isIn(source, 'wanted')})
  `.execute(transaction)
  await sql`
    INSERT INTO membership (repository, unit, identity, name, type, added_in)
    SELECT ${repository}, unit, identity, name, type, ${next} FROM membership AS wanted
    WHERE ${isIn(source, 'wanted')} AND ${among('wanted')} ORDER BY unit
    ON CONFLICT (repository, identity) WHERE removed_in IS NULL DO NOTHING`.execute(transaction)
  if (source.repository !== repository) await cloneForeign(transaction, context, position)
  return true
}

/** Puts clones in the place of what came in and belongs to another repository. */
async function cloneForeign(
  transaction: Transaction<Schema>,
  context: Context,
  position: DraftPosition,
): Promise<void> {
  const { ownedTypes } = context
  if (ownedTypes.length === 0) return
  const { rows } = await sql<{ id: number }>`
    SELECT unit.id FROM membership JOIN unit ON unit.id = membership.unit
    WHERE membership.repository = ${position.repository} AND membership.added_in = ${position.next}
      AND membership.type = ANY (${plainArray(ownedTypes)}::smallint[])
      AND unit.metadata ->> ${ownerField} IS DISTINCT FROM ${context.repositoryId}`.execute(transaction)
  const foreign = rows.map((row) => row.id)
  await dropMembers(transaction, position, foreign)
  await takeUnits(transaction, context, position, foreign)
}

function isAmong(alias: string, units: readonly number[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.table(alias)}.unit = ANY (${plainArray(units)}::bigint[])`
}

/** Whether a row of membership, given by its alias, is in a version. */
function isIn({ repository, number }: HeldVersion, alias: string): RawBuilder<boolean> {
  const member = sql.table(alias)
  return sql<boolean>`(${member}.repository = ${repository} AND ${member}.added_in <= ${number}
    AND (${member}.removed_in IS NULL OR ${member}.removed_in > ${number}))`
}
