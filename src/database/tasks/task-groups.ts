import { sql, type Transaction } from 'kysely'
import { DeckleError } from '../../core/errors.ts'
import type { GroupSummary } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { announceToAgents } from './agent-notices.ts'
import { cancelWaiting } from './cancel-waiting.ts'
import { announce } from './task-notices.ts'
import { lockQueues, markReady } from './task-queues.ts'
import { uuidPattern } from './task-rows.ts'

/** Members of one transaction, so that no lock is held for long. */
const batch = 500

/** One statement, so that the sum is that of one moment. Throws kind `not-found` for a group without members. */
export async function summarizeGroup(database: Database, group: string): Promise<GroupSummary> {
  const counted = uuidPattern.test(group) ? await countStates(database, group) : []
  // Pulp names no resource here (pulp2-api §2.4).
  if (counted.length === 0) throw new DeckleError('not-found', `Missing task group ${group}`, { resources: {} })
  const none = { waiting: 0, accepted: 0, running: 0, finished: 0, error: 0, canceled: 0 }
  return { ...none, ...Object.fromEntries(counted.map(({ state, members }) => [state, Number(members)])) }
}

/**
 * Those that wait go first: a running one that ends would let the next begin. Members that are claimed or given back in between
 * are looked at again. Throws kind `not-found`.
 */
export async function cancelGroup(database: Database, group: string): Promise<void> {
  await summarizeGroup(database, group)
  for (;;) {
    while (await inTransaction(database, (transaction) => cancelSomeWaiting(transaction, group)));
    await inTransaction(database, (transaction) => stopRunning(transaction, group))
    if (!(await hasUntold(database, group))) return
  }
}

function countStates(database: Database, group: string) {
  return database
    .selectFrom('task')
    .select((eb) => ['state', eb.fn.countAll().as('members')])
    .where('group_id', '=', group)
    .groupBy('state')
    .execute()
}

function inTransaction<Result>(database: Database, work: (transaction: Transaction<Schema>) => Promise<Result>) {
  return database.transaction().execute(work)
}

/** False when none is left. */
async function cancelSomeWaiting(transaction: Transaction<Schema>, group: string): Promise<boolean> {
  const waiting = await transaction
    .selectFrom('task')
    .select(['id', 'resources'])
    .where('group_id', '=', group)
    .where('state', 'in', ['waiting', 'accepted'])
    .orderBy('id', 'desc')
    .limit(batch)
    .execute()
  const resources = [...new Set(waiting.flatMap((task) => task.resources))]
  await lockQueues(transaction, resources)
  await cancelWaiting(
    transaction,
    waiting.map((task) => task.id),
  )
  if (await markReady(transaction, resources)) await announce(transaction, { event: 'ready' })
  return waiting.length > 0
}

async function stopRunning(transaction: Transaction<Schema>, group: string): Promise<void> {
  const told = await transaction
    .updateTable('task')
    .set({ cancel_requested: true })
    .where('group_id', '=', group)
    .where('state', '=', 'running')
    .where('cancel_requested', '=', false)
    .returning(['task_id', 'agent'])
    .execute()
  for (const { task_id } of told) await announce(transaction, { event: 'cancel', taskId: task_id })
  await announceToAgents(
    transaction,
    told.map(({ agent }) => agent),
  )
}

async function hasUntold(database: Database, group: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM task WHERE group_id = ${group} AND state IN ('waiting', 'accepted', 'running') AND NOT cancel_requested LIMIT 1`.execute(
    database,
  )
  return rows.length > 0
}
