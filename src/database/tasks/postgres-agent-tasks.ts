import { sql } from 'kysely'
import type { AgentOutcome, AgentTaskName, AgentTasks, PendingAgentTask } from '../../core/agent-task.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Database } from '../connection.ts'
import type { ControlSubscriber } from '../control-connection.ts'
import { agentTaskChannel } from './agent-notices.ts'
import { endAgentTask } from './end-agent-task.ts'
import { expireAgentTasks } from './expire-agent-tasks.ts'
import { reportJson, selectTasks, toTask, uuidPattern } from './task-rows.ts'

type Listener = (consumerId: string | undefined) => void

/** Tasks as the agents of consumers see them, shared by all processes. Attach `subscriber` to the control connection. */
export class PostgresAgentTasks implements AgentTasks {
  readonly subscriber: ControlSubscriber
  readonly #database: Database
  readonly #listeners = new Set<Listener>()

  constructor(database: Database) {
    this.#database = database
    this.subscriber = {
      channel: agentTaskChannel,
      notice: (consumer) => this.#tell(consumer),
      ready: () => this.#tell(undefined),
    }
  }

  async pending(consumerId: string): Promise<readonly PendingAgentTask[]> {
    const rows = await selectTasks(this.#database)
      .where('task.agent', '=', consumerId)
      .where('task.finished', 'is', null)
      .orderBy('task.id')
      .execute()
    return rows.map((row) => ({ task: toTask(row), cancelRequested: row.cancel_requested }))
  }

  accept(name: AgentTaskName): Promise<boolean> {
    return this.#advance(name, sql`state = CASE WHEN state = 'waiting' THEN 'accepted' ELSE state END`)
  }

  start(name: AgentTaskName): Promise<boolean> {
    return this.#advance(
      name,
      sql`state = 'running', attempt = greatest(attempt, 1), started = coalesce(started, clock_timestamp())`,
    )
  }

  async report(name: AgentTaskName, progress: JsonObject): Promise<boolean> {
    const { rows } = await sql`
      INSERT INTO task_progress (task, report)
      SELECT id, ${reportJson(progress)}::jsonb FROM task WHERE ${isOpen(name)} FOR UPDATE
      ON CONFLICT (task) DO UPDATE SET report = excluded.report RETURNING task`.execute(this.#database)
    return rows.length > 0
  }

  end(name: AgentTaskName, outcome: AgentOutcome): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ id: number }>`SELECT id FROM task WHERE ${isOpen(name)} FOR UPDATE`.execute(
        transaction,
      )
      const [task] = rows
      if (task === undefined) return false
      await endAgentTask(transaction, task.id, outcome)
      return true
    })
  }

  async touch(consumerId: string, taskIds: readonly string[]): Promise<void> {
    const known = taskIds.filter((id) => uuidPattern.test(id))
    if (known.length === 0) return
    await sql`
      UPDATE task SET heard = clock_timestamp()
      WHERE agent = ${consumerId} AND finished IS NULL AND task_id = ANY(${known}::uuid[])`.execute(this.#database)
  }

  expire(timeoutSeconds: number): Promise<number> {
    return expireAgentTasks(this.#database, timeoutSeconds)
  }

  watch(onChange: Listener): { close(): void } {
    // Wrapped, so that the same function may watch twice.
    const listener: Listener = (consumer) => onChange(consumer)
    this.#listeners.add(listener)
    return { close: () => void this.#listeners.delete(listener) }
  }

  async #advance(name: AgentTaskName, change: ReturnType<typeof sql>): Promise<boolean> {
    const { rows } = await sql`
      UPDATE task SET ${change}, heard = clock_timestamp() WHERE ${isOpen(name)} RETURNING id`.execute(this.#database)
    return rows.length > 0
  }

  #tell(consumer: string | undefined): void {
    for (const listener of this.#listeners) listener(consumer)
  }
}

/** No row for an id that is none: PostgreSQL would fail on it. */
function isOpen({ consumer, task }: AgentTaskName) {
  const id = uuidPattern.test(task) ? task : null
  return sql<boolean>`task_id = ${id}::uuid AND agent = ${consumer} AND finished IS NULL`
}
