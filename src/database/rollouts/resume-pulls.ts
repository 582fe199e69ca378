import { type Kysely, sql, type Transaction } from 'kysely'
import type { PullAttempt } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { endRollouts, lockRolloutsOf } from './lock-rollouts.ts'

/** So often a host may forget a pull, an agent that dies of it for example. */
const mostLosses = 5

/** Compares what a host does with what its rows say. Returns what it shall drop. */
export async function resumePulls(
  database: Database,
  host: number,
  told: readonly PullAttempt[],
): Promise<readonly number[]> {
  // The plain case of a host that connects: it costs one look.
  if ((await pullsUnderWay(database, host)).length === 0) return told.map(({ pull }) => pull)
  return await database.transaction().execute(async (transaction) => {
    const tasks = await lockRolloutsOf(transaction, await pullsUnderWay(transaction, host))
    const kept = await keep(transaction, host, told)
    await requeueOthers(transaction, host, kept)
    await endRollouts(transaction, tasks)
    return told.map(({ pull }) => pull).filter((pull) => !kept.includes(pull))
  })
}

async function pullsUnderWay(database: Kysely<Schema>, host: number): Promise<readonly number[]> {
  const rows = await database
    .selectFrom('host_pull')
    .select('id')
    .where('host', '=', host)
    .where('phase', '=', 'pulling')
    .execute()
  return rows.map(({ id }) => id)
}

/** What it does not have to say again counts as reported now. */
async function keep(transaction: Transaction<Schema>, host: number, told: readonly PullAttempt[]) {
  if (told.length === 0) return []
  const { rows } = await sql<{ id: number }>`
    WITH current AS MATERIALIZED (
      SELECT host_pull.id FROM host_pull JOIN unnest(
        ${told.map(({ pull }) => pull)}::bigint[], ${told.map(({ attempt }) => attempt)}::integer[]) AS told(id, attempt)
      USING (id, attempt) WHERE host = ${host} AND phase = 'pulling' ORDER BY id FOR UPDATE OF host_pull)
    UPDATE host_pull SET reported = clock_timestamp() FROM current WHERE host_pull.id = current.id
    RETURNING host_pull.id`.execute(transaction)
  return rows.map(({ id }) => id)
}

async function requeueOthers(transaction: Transaction<Schema>, host: number, kept: readonly number[]): Promise<void> {
  await sql`
    WITH lost AS MATERIALIZED (
      SELECT id, attempt - failures > ${mostLosses} AS often FROM host_pull
      WHERE host = ${host} AND phase = 'pulling' AND id <> ALL(${[...kept]}::bigint[]) ORDER BY id FOR UPDATE)
    UPDATE host_pull SET phase = CASE WHEN often THEN 'failed' ELSE 'waiting' END, queued = clock_timestamp(),
      error = CASE WHEN often THEN 'The agent of the host lost this pull ' || attempt - failures || ' times' END,
      ended = CASE WHEN often THEN clock_timestamp() END
    FROM lost WHERE host_pull.id = lost.id`.execute(transaction)
}
