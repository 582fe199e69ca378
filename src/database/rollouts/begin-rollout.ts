import { sql, type Transaction } from 'kysely'
import type { RolloutHost, RolloutOrder } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { notifyWake } from './rollout-notices.ts'

/** Writes the order and its hosts, unless the task has them, or is not to begin any more. */
export async function beginRollout(
  database: Database,
  order: RolloutOrder,
  hosts: readonly RolloutHost[],
  fault?: string,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    if (!(await mayBegin(transaction, order.task))) return
    const ended = fault !== undefined || hosts.length === 0
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('rollout')
      .values({ ...orderColumns(order), ended })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 0n) return
    await insertHosts(transaction, order.task, hosts, fault)
    await notifyWake(transaction)
  })
}

/** Whoever takes the task out of this state comes after these rows, and ends them. */
async function mayBegin(transaction: Transaction<Schema>, task: number): Promise<boolean> {
  const row = await transaction
    .selectFrom('resource')
    .select('state')
    .where('id', '=', task)
    .forShare()
    .executeTakeFirst()
  return row?.state === 'registering' || row?.state === 'activating'
}

function orderColumns(order: RolloutOrder) {
  return {
    task: order.task,
    project: order.project,
    image: order.image,
    mode: order.mode,
    pull_policy: order.pullPolicy,
    parallelism: order.parallelism,
    timeout_seconds: order.timeoutSeconds,
    retries: order.retries,
  }
}

async function insertHosts(
  transaction: Transaction<Schema>,
  task: number,
  hosts: readonly RolloutHost[],
  fault: string | undefined,
): Promise<void> {
  const keys = hosts.map(({ host }) => host)
  const names = hosts.map(({ name }) => name)
  const phase = fault === undefined ? 'waiting' : 'failed'
  await sql`
    INSERT INTO host_pull (task, host, host_name, phase, error, ended)
    SELECT ${task}::bigint, host, name, ${phase}, ${fault ?? null}::text,
      CASE WHEN ${phase} = 'failed' THEN clock_timestamp() END
    FROM unnest(${keys}::bigint[], ${names}::text[]) WITH ORDINALITY AS chosen(host, name, place)
    ORDER BY place`.execute(transaction)
}
