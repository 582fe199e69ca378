import { sql } from 'kysely'
import type { EndedState } from '../../core/task.ts'
import type { Database } from '../connection.ts'

/** Rows of one transaction: milliseconds each. */
const batch = 2_000

/**
 * Forgets tasks that ended in one of these ways until now. One walk over the ids: a batch begins where the last one ended, not
 * at the rows that are already gone. Returns how many there were.
 */
export async function deleteEnded(database: Database, states: readonly EndedState[]): Promise<number> {
  const { rows } = await sql<{ newest: number | null }>`SELECT max(id) AS newest FROM task`.execute(database)
  const newest = rows[0]?.newest ?? 0
  let deleted = 0
  for (let last = 0; last < newest; ) {
    const gone = await deleteBatch(database, states, last, newest)
    deleted += gone.length
    last = gone.length < batch ? newest : Math.max(...gone)
  }
  return deleted
}

/** Ids that went, of the oldest after `last`. Nobody waits for locks: what somebody else deletes goes without us. */
async function deleteBatch(
  database: Database,
  states: readonly EndedState[],
  last: number,
  newest: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    DELETE FROM task WHERE id = ANY (ARRAY(
      SELECT id FROM task WHERE id > ${last} AND id <= ${newest} AND state = ANY (${[...states]}::text[])
      ORDER BY id LIMIT ${batch} FOR UPDATE SKIP LOCKED))
    RETURNING id`.execute(database)
  return rows.map((row) => row.id)
}
