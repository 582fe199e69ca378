import { DeckleError, notFound } from '../core/errors.ts'
import type { EndedState, GroupSummary, NewTask, Task, TaskFilter, TaskStore } from '../core/task.ts'
import { memoryEpoch } from './memory-repositories.ts'

/** Tasks that nobody runs, for tests of what queues and shows them. */
export class MemoryTasks implements TaskStore {
  readonly #tasks = new Map<string, Task>()
  /** Task → its group. */
  readonly #groups = new Map<string, string>()
  #last = 0

  async enqueue(tasks: readonly NewTask[]): Promise<readonly Task[]> {
    return tasks.map((task) => this.#add(task))
  }

  async supersede(task: NewTask): Promise<Task> {
    for (const { id, state, operation, resources } of this.#tasks.values()) {
      const inTheWay = state === 'waiting' && operation !== task.operation
      if (inTheWay && resources.some((resource) => task.resources.includes(resource))) await this.cancel(id)
    }
    return this.#add(task)
  }

  /** Puts facts into a task that only a worker would. */
  alter(id: string, facts: Partial<Task>): Task {
    const task = { ...this.#find(id), ...facts }
    this.#tasks.set(id, task)
    return task
  }

  async get(id: string): Promise<Task> {
    return this.#find(id)
  }

  async *list(filter: TaskFilter): AsyncIterable<Task> {
    for (const task of this.#tasks.values()) {
      if (this.#groups.has(task.id)) continue
      if ((filter.tags ?? []).every((tag) => task.tags.includes(tag))) yield task
    }
  }

  async cancel(id: string): Promise<void> {
    const { state } = this.#find(id)
    if (state === 'waiting' || state === 'accepted' || state === 'running') this.alter(id, { state: 'canceled' })
  }

  async deleteEnded(states: readonly EndedState[]): Promise<number> {
    const gone = [...this.#tasks.values()].filter(({ state }) => states.some((one) => one === state))
    for (const { id } of gone) this.#tasks.delete(id)
    return gone.length
  }

  async group(id: string): Promise<GroupSummary> {
    const counts = { waiting: 0, accepted: 0, running: 0, finished: 0, error: 0, canceled: 0 }
    for (const { state } of this.#members(id)) counts[state]++
    return counts
  }

  async cancelGroup(id: string): Promise<void> {
    for (const member of this.#members(id)) await this.cancel(member.id)
  }

  async workers(): Promise<readonly { readonly name: string; readonly heartbeat: Date }[]> {
    return [{ name: 'reserved_resource_worker-0@here', heartbeat: memoryEpoch }]
  }

  async running(): Promise<readonly Task[]> {
    return [...this.#tasks.values()].filter(({ state }) => state === 'running')
  }

  #members(group: string): readonly Task[] {
    const members = [...this.#tasks.values()].filter(({ id }) => this.#groups.get(id) === group)
    if (members.length === 0) throw new DeckleError('not-found', 'Missing task group', { resources: {} })
    return members
  }

  #find(id: string): Task {
    const task = this.#tasks.get(id)
    if (task === undefined) throw notFound({ task: id })
    return task
  }

  #add(task: NewTask): Task {
    const key = ++this.#last
    const id = `00000000-0000-4000-8000-${String(key).padStart(12, '0')}`
    const { group, ...rest } = task
    const made: Task = { ...waiting, ...rest, ...(task.agent !== undefined && { worker: 'agent' }), key, id }
    if (group !== undefined) this.#groups.set(id, group)
    this.#tasks.set(id, made)
    return made
  }
}

const waiting = {
  state: 'waiting',
  created: memoryEpoch,
  started: null,
  finished: null,
  worker: null,
  agent: null,
  attempt: 0,
  progress: {},
  waitingReason: null,
  result: null,
  error: null,
  spawned: [],
} as const
