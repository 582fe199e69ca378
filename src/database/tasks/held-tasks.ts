import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { HeldBack } from '../../core/task-worker.ts'
import type { Schema } from '../schema.ts'

/** A task that was given back because something is lacking is not tried again before, nor is another of its operation. */
export const holdTime = sql`interval '5 seconds'`

/** Whether a task may be claimed as far as its operation goes. */
export function isFree(heldBack: HeldBack | undefined): RawBuilder<boolean> {
  return sql<boolean>`(operation <> ALL (${[...(heldBack?.operations ?? [])]}::text[]) AND operation <> ALL (ARRAY(
    SELECT held.operation FROM task AS held
    WHERE held.waiting_reason IS NOT NULL AND held.held_until > clock_timestamp())))`
}

/** Writes the reason into the tasks that wait for what is held back, and takes it away where it does not hold any more. */
export async function explainWaiting(database: Kysely<Schema>, heldBack: HeldBack | undefined): Promise<void> {
  const operations = [...(heldBack?.operations ?? [])]
  if (heldBack !== undefined) {
    await sql`
      UPDATE task SET waiting_reason = ${heldBack.reason} WHERE id = ANY (ARRAY(
        SELECT id FROM task WHERE state = 'waiting' AND ready AND waiting_reason IS NULL
          AND operation = ANY (${operations}::text[])
        FOR UPDATE SKIP LOCKED))`.execute(database)
  }
  await sql`
    UPDATE task SET waiting_reason = NULL, held_until = NULL WHERE id = ANY (ARRAY(
      SELECT id FROM task WHERE waiting_reason IS NOT NULL AND operation <> ALL (${operations}::text[])
        AND (held_until IS NULL OR held_until <= clock_timestamp())
      FOR UPDATE SKIP LOCKED))`.execute(database)
}
