import type { AgentOutcome, AgentTaskName, AgentTasks, PendingAgentTask } from '../core/agent-task.ts'
import type { JsonObject } from '../core/json.ts'
import type { Task } from '../core/task.ts'
import { MemoryTasks } from './memory-tasks.ts'

/** Tasks of agents in memory, with the same states as in the database. Nothing ever expires. */
export class MemoryAgentTasks implements AgentTasks {
  readonly #tasks = new MemoryTasks()
  readonly #open = new Map<string, PendingAgentTask>()
  readonly #listeners = new Set<(consumerId: string | undefined) => void>()
  /** What agents said they still know. */
  readonly touched: string[] = []
  /** Fails every call. */
  away = false

  async queue(consumer: string, operation: string, given: JsonObject = {}): Promise<string> {
    const fixed = { operation, arguments: given, tags: [], resources: [], agent: consumer }
    const [task] = await this.#tasks.enqueue([fixed])
    if (task === undefined) throw new Error('nothing was queued')
    this.#open.set(task.id, { task: { ...task, agent: consumer }, cancelRequested: false })
    this.notice(consumer)
    return task.id
  }

  get(id: string): Promise<Task> {
    return this.#tasks.get(id)
  }

  async cancel(id: string): Promise<void> {
    const open = this.#open.get(id)
    if (open === undefined) return
    if ((await this.get(id)).state === 'running') this.#open.set(id, { ...open, cancelRequested: true })
    else this.#end(id, { state: 'canceled' })
    this.notice(open.task.agent ?? undefined)
  }

  notice(consumer: string | undefined): void {
    for (const listener of this.#listeners) listener(consumer)
  }

  async pending(consumerId: string): Promise<readonly PendingAgentTask[]> {
    this.#check()
    return [...this.#open.values()].filter(({ task }) => task.agent === consumerId)
  }

  async accept(name: AgentTaskName): Promise<boolean> {
    if (!this.#isOpen(name)) return false
    if ((await this.get(name.task)).state === 'waiting') this.#tasks.alter(name.task, { state: 'accepted' })
    return true
  }

  async start(name: AgentTaskName): Promise<boolean> {
    return this.#isOpen(name) && this.#tasks.alter(name.task, { state: 'running' }) !== undefined
  }

  async report(name: AgentTaskName, progress: JsonObject): Promise<boolean> {
    return this.#isOpen(name) && this.#tasks.alter(name.task, { progress }) !== undefined
  }

  async end(name: AgentTaskName, outcome: AgentOutcome): Promise<boolean> {
    if (!this.#isOpen(name)) return false
    const ended = 'result' in outcome ? 'finished' : 'error'
    const state = this.#open.get(name.task)?.cancelRequested === true ? 'canceled' : ended
    this.#end(name.task, { state, ...outcome })
    return true
  }

  async touch(_consumerId: string, taskIds: readonly string[]): Promise<void> {
    this.#check()
    this.touched.push(...taskIds)
  }

  async expire(): Promise<number> {
    return 0
  }

  watch(onChange: (consumerId: string | undefined) => void): { close(): void } {
    this.#listeners.add(onChange)
    return { close: () => void this.#listeners.delete(onChange) }
  }

  #end(id: string, facts: Partial<Task>): void {
    this.#tasks.alter(id, facts)
    this.#open.delete(id)
  }

  #isOpen({ consumer, task }: AgentTaskName): boolean {
    this.#check()
    return this.#open.get(task)?.task.agent === consumer
  }

  #check(): void {
    if (this.away) throw new Error('the database is away')
  }
}
