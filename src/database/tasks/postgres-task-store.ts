import { notFound } from '../../core/errors.ts'
import type { EndedState, GroupSummary, NewTask, Task, TaskFilter, TaskStore } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { announceToAgents } from './agent-notices.ts'
import { completeTask } from './complete-task.ts'
import { deleteEnded } from './delete-ended.ts'
import { enqueueIn } from './enqueue.ts'
import { listTasks } from './list-tasks.ts'
import { supersede } from './supersede.ts'
import { cancelGroup, summarizeGroup } from './task-groups.ts'
import { announce } from './task-notices.ts'
import { lockQueues } from './task-queues.ts'
import { selectTasks, toTask, uuidPattern } from './task-rows.ts'
import { reasonInQueue } from './waiting-reason.ts'
import { livingWorkers } from './worker-sessions.ts'

/** Tasks as clients see them: queue, look up, cancel. */
export class PostgresTaskStore implements TaskStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  enqueue(tasks: readonly NewTask[]): Promise<readonly Task[]> {
    return this.#database.transaction().execute((transaction) => enqueueIn(transaction, tasks))
  }

  supersede(task: NewTask): Promise<Task> {
    return supersede(this.#database, task)
  }

  async get(id: string): Promise<Task> {
    if (!uuidPattern.test(id)) throw notFound({ task: id })
    const row = await selectTasks(this.#database).where('task.task_id', '=', id).executeTakeFirst()
    if (row === undefined) throw notFound({ task: id })
    return { ...toTask(row), waitingReason: await reasonInQueue(this.#database, row.id, row) }
  }

  list(filter: TaskFilter): AsyncIterable<Task> {
    return listTasks(this.#database, filter)
  }

  /** Tasks that workers run now: as many as there are workers. */
  async running(): Promise<readonly Task[]> {
    const rows = await selectTasks(this.#database)
      .where('task.state', '=', 'running')
      .where('task.agent', 'is', null)
      .orderBy('task.id')
      .execute()
    return rows.map(toTask)
  }

  async cancel(id: string): Promise<void> {
    // A task that starts, or is given back by a worker, between the look and the step is looked at again.
    for (;;) {
      const task = await this.get(id)
      if ((task.state === 'waiting' || task.state === 'accepted') && (await this.#cancelWaiting(task))) return
      if (task.state === 'running' && (await this.#requestStop(task))) return
      if (task.finished !== null) return
    }
  }

  deleteEnded(states: readonly EndedState[]): Promise<number> {
    return deleteEnded(this.#database, states)
  }

  group(id: string): Promise<GroupSummary> {
    return summarizeGroup(this.#database, id)
  }

  cancelGroup(id: string): Promise<void> {
    return cancelGroup(this.#database, id)
  }

  workers(): Promise<readonly { readonly name: string; readonly heartbeat: Date }[]> {
    return livingWorkers(this.#database)
  }

  #cancelWaiting(task: Task): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      await lockQueues(transaction, task.resources)
      const waiting = await transaction
        .updateTable('task')
        .set({ cancel_requested: true })
        .where('id', '=', task.key)
        .where('state', 'in', ['waiting', 'accepted'])
        .returning(['id', 'task_id', 'resources'])
        .executeTakeFirst()
      if (waiting !== undefined) await completeTask(transaction, waiting, { state: 'canceled' })
      return waiting !== undefined
    })
  }

  #requestStop(task: Task): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const running = await transaction
        .updateTable('task')
        .set({ cancel_requested: true })
        .where('id', '=', task.key)
        .where('state', '=', 'running')
        .returning('agent')
        .executeTakeFirst()
      if (running !== undefined) await announce(transaction, { event: 'cancel', taskId: task.id })
      await announceToAgents(transaction, [running?.agent])
      return running !== undefined
    })
  }
}
