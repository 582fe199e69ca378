import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { NewTask, Task } from '../../core/task.ts'
import type { Schema } from '../schema.ts'
import { announceToAgents } from './agent-notices.ts'
import { announce } from './task-notices.ts'
import { lockQueues, markReady } from './task-queues.ts'
import { reportJson, toTask } from './task-rows.ts'

/** Rows of one INSERT, far below the 65,535 parameters of a statement. */
const batch = 1_000
/** Who does what agents do, as tasks tell it (pulp2-api §3.3). */
const agentWorker = 'agent'

/**
 * Queues tasks, in order, inside somebody's transaction; they exist and workers wake when it commits. `parent` is the key of
 * the task that queues them. Call it once a transaction, with all tasks: it locks the queues of all their resources, in order.
 * `left` are queues that the transaction has locked and taken tasks out of.
 */
export async function enqueueIn(
  transaction: Transaction<Schema>,
  tasks: readonly NewTask[],
  parent: number | null = null,
  left: readonly string[] = [],
): Promise<readonly Task[]> {
  const resources = [...new Set([...left, ...tasks.flatMap((task) => task.resources)])]
  await lockQueues(transaction, resources)
  const queued: Task[] = []
  for (let start = 0; start < tasks.length; start += batch) {
    queued.push(...(await insert(transaction, tasks.slice(start, start + batch), parent)))
  }
  const ready = await markReady(transaction, resources)
  if (ready || queued.some((task) => isFree(task))) await announce(transaction, { event: 'ready' })
  await announceToAgents(
    transaction,
    queued.map((task) => task.agent),
  )
  return queued
}

async function insert(transaction: Transaction<Schema>, tasks: readonly NewTask[], parent: number | null) {
  const rows = await transaction
    .insertInto('task')
    .values(tasks.map((task) => newRow(task, parent)))
    .returningAll()
    .execute()
  const places = rows.flatMap((row) => row.resources.map((resource) => ({ resource, task: row.id })))
  for (let start = 0; start < places.length; start += batch) {
    await transaction
      .insertInto('task_resource')
      .values(places.slice(start, start + batch))
      .execute()
  }
  // Whether others are before it shows when all have their places.
  return rows.map((row) => ({ ...toTask({ ...row, report: null, spawned: [] }), waitingReason: null }))
}

function newRow(task: NewTask, parent: number | null) {
  return {
    task_id: randomUUID(),
    operation: task.operation,
    arguments: reportJson(task.arguments),
    tags: [...task.tags],
    resources: task.agent === undefined ? [...new Set(task.resources)] : [],
    state: 'waiting' as const,
    ready: isFree(task),
    parent,
    schedule: task.schedule ?? null,
    group_id: task.group ?? null,
    agent: task.agent ?? null,
    ...(task.agent !== undefined && { worker: agentWorker }),
  }
}

/** Whether a worker may take it at once. What an agent does is never for workers, and stands in no queue (core/agent-task.ts). */
function isFree({ resources, agent }: Pick<NewTask, 'resources'> & { readonly agent?: string | null }): boolean {
  return resources.length === 0 && (agent ?? null) === null
}
