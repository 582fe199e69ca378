import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { Schema } from '../schema.ts'
import { plainArray } from '../units/array-literals.ts'
import { cloneOwned } from '../units/clone-owned.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { uniqueNameId } from '../units/prepared-unit.ts'
import { type DraftPosition, insertMembers, type Member, takeOutOthers } from './membership.ts'

/**
 * Puts units in by row id, of which repositories own theirs as clones, the last of two revisions of a key as if it came alone.
 * Returns what is in: row id as given → member; a unit that is gone is missing.
 */
export async function takeUnits(
  transaction: Transaction<Schema>,
  { types, repositoryId }: { readonly types: ContentTypeIds; readonly repositoryId: string },
  position: DraftPosition,
  units: readonly number[],
): Promise<ReadonlyMap<number, Member>> {
  const found = new Map(await lockMembers(transaction, types, units))
  const twins = await cloneOwned(transaction, types, repositoryId, [...found.keys()])
  if (twins.size > 0) {
    const clones = await lockMembers(transaction, types, [...twins.values()])
    for (const [source, twin] of twins) found.set(source, clones.get(twin) as Member)
  }
  const members = units.map((unit) => found.get(unit)).filter((member) => member !== undefined)
  const byIdentity = new Map(members.map((member) => [member.identity, member]))
  await takeMembers(transaction, position, [...byIdentity.values()])
  return found
}

/** Takes units out; those that came in with this draft leave nothing. */
export async function dropMembers(
  transaction: Transaction<Schema>,
  { repository, next }: DraftPosition,
  unitIds: readonly number[],
): Promise<void> {
  const units = plainArray(unitIds)
  await sql`
    DELETE FROM membership
    WHERE repository = ${repository} AND added_in = ${next} AND unit = ANY (${units}::bigint[])`.execute(transaction)
  await sql`
    UPDATE membership SET removed_in = ${next}
    WHERE repository = ${repository} AND removed_in IS NULL AND unit = ANY (${units}::bigint[])`.execute(transaction)
}

/**
 * What membership says of units in the catalog, by row id; those that are gone are left out. Held until the transaction ends, as
 * `lockUnits` does by name: nobody deletes them as orphans before a repository holds them.
 */
async function lockMembers(
  transaction: Transaction<Schema>,
  types: ContentTypeIds,
  units: readonly number[],
): Promise<ReadonlyMap<number, Member>> {
  const { rows } = await sql<{ id: number; type: number; wire_id: string; fields: JsonObject }>`
    SELECT id, type, wire_id, ${uniqueFields(types)} AS fields FROM unit
    WHERE id = ANY (${plainArray(units)}::bigint[]) ORDER BY id FOR KEY SHARE`.execute(transaction)
  return new Map(
    rows.map(({ id, type, wire_id: identity, fields }) => {
      const name = uniqueNameId(types.name(type), fields, types) ?? identity
      return [id, { unit: id, type, identity, name }]
    }),
  )
}

/** Of a row `unit`: the metadata that `ContentType.uniqueIn` of any type names. */
function uniqueFields(types: ContentTypeIds): RawBuilder<JsonObject> {
  const names = new Set(types.names.flatMap((type) => types.uniqueIn(type) ?? []))
  const pairs = [...names].map((name) => sql`${name}::text, unit.metadata -> ${name}::text`)
  return sql`jsonb_build_object(${sql.join(pairs)})`
}

/**
 * Puts units in as a copy does: another revision of the same identity goes out, what the draft took out comes back as it was, and
 * one that is in already is said to be in once more, which every version of the repository shows that has it.
 */
async function takeMembers(
  transaction: Transaction<Schema>,
  position: DraftPosition,
  members: readonly Member[],
): Promise<void> {
  const { repository, next } = position
  const units = plainArray(members.map((member) => member.unit))
  await takeOutOthers(transaction, position, members)
  await sql`
    UPDATE membership SET removed_in = NULL
    WHERE repository = ${repository} AND removed_in = ${next} AND unit = ANY (${units}::bigint[])
      AND NOT EXISTS (
        SELECT FROM membership AS present WHERE present.repository = ${repository} AND present.removed_in IS NULL
          AND present.identity = membership.identity)`.execute(transaction)
  await sql`
    UPDATE membership SET updated = now()
    WHERE repository = ${repository} AND removed_in IS NULL AND unit = ANY (${units}::bigint[])`.execute(transaction)
  await insertMembers(transaction, position, members)
}
