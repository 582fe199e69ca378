import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { plainArray } from '../units/array-literals.ts'
import type { HeldVersion } from './lock-version.ts'
import type { DraftPosition } from './membership.ts'

/** A version of each of two repositories that held the same. */
interface Kinship {
  readonly ours: number
  readonly theirs: number
}

/**
 * Every unit that may be in one of a draft and a version and not in the other; undefined when that could be any. Two versions that
 * share their content, one of each repository, tell it: what nobody has touched since in either is in both or in neither. Units of
 * `ownedTypes` are other ones in every repository, so they are all among them.
 */
export async function differingUnits(
  transaction: Transaction<Schema>,
  { repository, next }: DraftPosition,
  source: HeldVersion,
  ownedTypes: readonly number[],
): Promise<readonly number[] | undefined> {
  const kinship = await nearestKinship(transaction, { repository, next }, source)
  if (kinship === undefined) return undefined
  const [low, high] = [Math.min(kinship.theirs, source.number), Math.max(kinship.theirs, source.number)]
  const { rows } = await sql<{ unit: number }>`
    SELECT unit FROM membership WHERE repository = ${repository} AND added_in > ${kinship.ours}
    UNION SELECT unit FROM membership WHERE repository = ${repository} AND removed_in > ${kinship.ours}
    UNION SELECT unit FROM membership
      WHERE repository = ${source.repository} AND added_in > ${low} AND added_in <= ${high}
    UNION SELECT unit FROM membership
      WHERE repository = ${source.repository} AND removed_in > ${low} AND removed_in <= ${high}`.execute(transaction)
  const units = rows.map(({ unit }) => unit)
  if (source.repository === repository) return units
  return [...units, ...(await ownedUnits(transaction, { repository, next }, source, ownedTypes))]
}

/**
 * The two versions with the fewest versions in between. A repository has the whole of its own past in common with itself. Pruned
 * versions tell nothing: retention may have taken rows of theirs.
 */
async function nearestKinship(
  transaction: Transaction<Schema>,
  { repository, next }: DraftPosition,
  source: HeldVersion,
): Promise<Kinship | undefined> {
  if (source.repository === repository) return { ours: source.number, theirs: source.number }
  const { rows } = await sql<Kinship>`
    SELECT ours.number AS ours, theirs.number AS theirs
    FROM repository_version AS ours JOIN repository_version AS theirs USING (content)
    WHERE ours.repository = ${repository} AND ours.number < ${next} AND NOT ours.pruned
      AND theirs.repository = ${source.repository} AND NOT theirs.pruned
    ORDER BY ${next} - ours.number + abs(theirs.number - ${source.number}) LIMIT 1`.execute(transaction)
  return rows[0]
}

async function ownedUnits(
  transaction: Transaction<Schema>,
  { repository }: DraftPosition,
  source: HeldVersion,
  ownedTypes: readonly number[],
): Promise<readonly number[]> {
  if (ownedTypes.length === 0) return []
  const { rows } = await sql<{ unit: number }>`
    SELECT unit FROM membership WHERE type = ANY (${plainArray(ownedTypes)}::smallint[]) AND (
      repository = ${repository} AND removed_in IS NULL OR repository = ${source.repository}
      AND added_in <= ${source.number} AND (removed_in IS NULL OR removed_in > ${source.number}))`.execute(transaction)
  return rows.map(({ unit }) => unit)
}
