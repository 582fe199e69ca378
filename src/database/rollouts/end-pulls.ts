import { sql, type Transaction } from 'kysely'
import type { EndedPulls, HostOfPull, PullEnd } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { endRollouts, lockRollouts, lockRolloutsOf } from './lock-rollouts.ts'
import { notifyDrop, notifyWake } from './rollout-notices.ts'
import { storableText } from './storable.ts'

interface Ended {
  readonly phase: string
  readonly project: number
  readonly image: string
  readonly host: number
}

/** Writes how pulls ended. Those of an attempt that is over change nothing; the task's time limit ends its retries. */
export async function endPulls(database: Database, ends: readonly PullEnd[]): Promise<EndedPulls> {
  if (ends.length === 0) return { tasks: [], open: [], pulled: [] }
  return await database.transaction().execute(async (transaction) => {
    const tasks = await lockRolloutsOf(
      transaction,
      ends.map(({ pull }) => pull),
    )
    const pulled = (await writeEnds(transaction, ends)).filter(({ phase }) => phase === 'done')
    const over = await endRollouts(transaction, tasks)
    await notifyWake(transaction)
    return {
      tasks: over,
      open: tasks.filter((task) => !over.includes(task)),
      pulled: pulled.map(({ project, image, host }) => ({ project, image, host })),
    }
  })
}

async function writeEnds(transaction: Transaction<Schema>, ends: readonly PullEnd[]): Promise<readonly Ended[]> {
  const { rows } = await sql<Ended>`
    WITH told AS MATERIALIZED (
      SELECT * FROM unnest(
        ${ends.map(({ host }) => host)}::bigint[],
        ${ends.map(({ pull }) => pull)}::bigint[], ${ends.map(({ attempt }) => attempt)}::integer[],
        ${ends.map(({ outcome }) => outcome)}::text[], ${ends.map(({ digest }) => optional(digest))}::text[],
        ${ends.map(errorOf)}::text[]) AS told(host, id, attempt, outcome, digest, error)),
    current AS MATERIALIZED (
      SELECT host_pull.id, told.outcome = 'failed' AND host_pull.failures < rollout.retries
          AND (rollout.timeout_seconds IS NULL
            OR host_pull.started + make_interval(secs => rollout.timeout_seconds) > clock_timestamp()) AS again
      FROM host_pull JOIN told USING (host, id, attempt) JOIN rollout USING (task)
      WHERE phase = 'pulling' ORDER BY id FOR UPDATE OF host_pull),
    written AS (
      UPDATE host_pull SET phase = CASE WHEN again THEN 'waiting' ELSE outcome END,
        failures = failures + CASE outcome WHEN 'failed' THEN 1 ELSE 0 END,
        bytes = CASE outcome WHEN 'done' THEN greatest(bytes, total_bytes) ELSE bytes END,
        digest = told.digest, error = told.error, reported = clock_timestamp(), queued = clock_timestamp(),
        ended = CASE WHEN NOT again THEN clock_timestamp() END
      FROM told JOIN current USING (id) WHERE host_pull.id = told.id
      RETURNING host_pull.task, host_pull.host, host_pull.phase, host_pull.digest)
    SELECT phase, project, image, host FROM written JOIN rollout USING (task)
    WHERE mode = 'all' OR digest IS NOT NULL`.execute(transaction)
  return rows
}

function optional(text: string | undefined): string | null {
  return text === undefined ? null : storableText(text)
}

function errorOf({ outcome, error }: PullEnd): string | null {
  if (outcome === 'done') return null
  if (outcome === 'cancelled') return 'Cancelled'
  return storableText(error || 'The host gave no reason')
}

/** Ends all pulls of a task whose life cycle goes another way; nobody has to settle it. */
export async function cancelPulls(database: Database, task: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await lockRollouts(transaction, [task])
    const pulling = await transaction
      .selectFrom('host_pull')
      .select(['id as pull', 'host'])
      .where('task', '=', task)
      .where('phase', '=', 'pulling')
      .execute()
    await sql`
      WITH open AS MATERIALIZED (
        SELECT id FROM host_pull WHERE task = ${task} AND phase IN ('waiting', 'pulling') ORDER BY id FOR UPDATE)
      UPDATE host_pull SET phase = 'cancelled', error = 'Cancelled', ended = clock_timestamp()
      FROM open WHERE host_pull.id = open.id`.execute(transaction)
    await sql`UPDATE rollout SET ended = true, settled = true WHERE task = ${task} AND NOT ended`.execute(transaction)
    await notifyDrop(transaction, pulling satisfies HostOfPull[])
  })
}
