import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { plainArray } from '../units/array-literals.ts'

/** The version that is being made: rows with this number are invisible until the repository's `latest` reaches it. */
export interface DraftPosition {
  /** Row id of the repository. */
  readonly repository: number
  readonly next: number
}

/** Undoes what a dead run left beyond `latest`. Additions first: a removal may only be taken back when its identity is free. */
export async function sweep(transaction: Transaction<Schema>, repository: number, latest: number): Promise<void> {
  await transaction
    .deleteFrom('membership')
    .where('repository', '=', repository)
    .where('added_in', '>', latest)
    .execute()
  await transaction
    .updateTable('membership')
    .set({ removed_in: null })
    .where('repository', '=', repository)
    .where('removed_in', '>', latest)
    .execute()
}

export interface Member {
  readonly unit: number
  readonly type: number
  readonly identity: string
  readonly name: string
}

/** Puts units in; another revision of the same identity goes out. One that is in already is left alone. */
export async function associate(
  transaction: Transaction<Schema>,
  position: DraftPosition,
  members: readonly Member[],
): Promise<void> {
  if ((await insertMembers(transaction, position, members)) === members.length) return
  await takeOutOthers(transaction, position, members)
  await insertMembers(transaction, position, members)
}

/** Returns how many identities were free. */
export async function insertMembers(
  transaction: Transaction<Schema>,
  { repository, next }: DraftPosition,
  members: readonly Member[],
): Promise<number> {
  const { numAffectedRows } = await sql`
    INSERT INTO membership (repository, unit, identity, name, type, added_in)
    SELECT ${repository}, unit, identity, name, type, ${next}
    FROM unnest(
      ${plainArray(members.map((member) => member.unit))}::bigint[],
      ${plainArray(members.map((member) => member.identity))}::uuid[],
      ${plainArray(members.map((member) => member.name))}::uuid[],
      ${plainArray(members.map((member) => member.type))}::smallint[]) AS wanted (unit, identity, name, type)
    ON CONFLICT (repository, identity) WHERE removed_in IS NULL DO NOTHING`.execute(transaction)
  return Number(numAffectedRows)
}

/** Takes out what holds the identities of members that are not in. */
export async function takeOutOthers(
  transaction: Transaction<Schema>,
  { repository, next }: DraftPosition,
  members: readonly Member[],
): Promise<void> {
  const units = plainArray(members.map((member) => member.unit))
  const identities = plainArray(members.map((member) => member.identity))
  await sql`
    DELETE FROM membership USING unnest(${units}::bigint[], ${identities}::uuid[]) AS wanted (unit, identity)
    WHERE repository = ${repository} AND added_in = ${next} AND removed_in IS NULL
      AND membership.identity = wanted.identity AND membership.unit <> wanted.unit`.execute(transaction)
  await sql`
    UPDATE membership SET removed_in = ${next}
    FROM unnest(${units}::bigint[], ${identities}::uuid[]) AS wanted (unit, identity)
    WHERE repository = ${repository} AND removed_in IS NULL AND membership.identity = wanted.identity
      AND membership.unit <> wanted.unit`.execute(transaction)
}

/**
 * Takes out the current units of some types, but for the identities in `kept`. PostgreSQL hashes the list for `<> ALL`, whatever it
 * believes of a table without statistics; a join would go through the list for each row of a first large sync.
 */
export async function dissociateOthers(
  transaction: Transaction<Schema>,
  position: DraftPosition,
  types: readonly number[],
  kept: readonly string[],
): Promise<void> {
  await sql`
    UPDATE membership SET removed_in = ${position.next}
    WHERE repository = ${position.repository} AND removed_in IS NULL AND added_in < ${position.next}
      AND type = ANY (${types}::smallint[])
      AND identity <> ALL (${plainArray(kept)}::uuid[])
  `.execute(transaction)
}

/**
 * Leaves one unit of each name (`ContentType.uniqueIn`). Ranked by what the run has seen, then by age, so that a run that changes
 * nothing upstream changes nothing here.
 */
export async function purgeDuplicates(
  transaction: Transaction<Schema>,
  position: DraftPosition,
  seen: readonly string[],
): Promise<void> {
  const { repository, next } = position
  await sql`
    WITH current AS MATERIALIZED (
      SELECT unit, added_in, identity, name, count(*) OVER (PARTITION BY name) AS holders
      FROM membership WHERE repository = ${repository} AND removed_in IS NULL),
    ranked AS MATERIALIZED (
      SELECT unit, added_in, row_number() OVER (
        PARTITION BY name ORDER BY (identity = ANY (${plainArray(seen)}::uuid[])) DESC, unit DESC) AS rank
      FROM current WHERE holders > 1),
    undone AS (
      DELETE FROM membership USING ranked
      WHERE repository = ${repository} AND membership.unit = ranked.unit AND membership.added_in = ${next}
        AND ranked.added_in = ${next} AND rank > 1)
    UPDATE membership SET removed_in = ${next} FROM ranked
    WHERE repository = ${repository} AND membership.unit = ranked.unit AND membership.added_in = ranked.added_in
      AND ranked.added_in < ${next} AND rank > 1`.execute(transaction)
}

/** What a draft changes, per content type; the base of the counts that are stored with the version. */
export interface TypeChange {
  readonly type: number
  readonly added: number
  readonly updated: number
  readonly removed: number
  readonly fileBytes: number
}

export async function summarize(
  transaction: Transaction<Schema>,
  position: DraftPosition,
): Promise<readonly TypeChange[]> {
  const { repository, next } = position
  const { rows } = await sql<{ type: number; added: number; updated: number; removed: number; file_bytes: number }>`
    WITH change AS (
      SELECT unit, type, identity, 1 AS sign FROM membership WHERE repository = ${repository} AND added_in = ${next}
      UNION ALL
      SELECT unit, type, identity, -1 FROM membership WHERE repository = ${repository} AND removed_in = ${next}),
    pair AS (
      SELECT change.*, count(*) OVER (PARTITION BY identity) = 2 AS both_ways FROM change)
    SELECT pair.type,
      count(*) FILTER (WHERE sign = 1 AND NOT both_ways) AS added,
      count(*) FILTER (WHERE sign = 1 AND both_ways) AS updated,
      count(*) FILTER (WHERE sign = -1 AND NOT both_ways) AS removed,
      sum(sign * unit.file_bytes)::bigint AS file_bytes
    FROM pair JOIN unit ON unit.id = pair.unit
    GROUP BY pair.type`.execute(transaction)
  return rows.map((row) => ({
    type: row.type,
    added: row.added,
    updated: row.updated,
    removed: row.removed,
    fileBytes: row.file_bytes,
  }))
}
