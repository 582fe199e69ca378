import { notFound } from '../core/errors.ts'
import type { NewTask, Task, TaskFilter, TaskStore } from '../core/task.ts'
import { memoryEpoch } from './memory-repositories.ts'

/** Tasks that nobody runs, for tests of what queues and shows them. */
export class MemoryTasks implements TaskStore {
  readonly #tasks = new Map<string, Task>()

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
      if ((filter.tags ?? []).every((tag) => task.tags.includes(tag))) yield task
    }
  }

  async cancel(id: string): Promise<void> {
    const { state } = this.#find(id)
    if (state === 'waiting' || state === 'running') this.alter(id, { state: 'canceled' })
  }

  async workers(): Promise<readonly { readonly name: string; readonly heartbeat: Date }[]> {
    return [{ name: 'reserved_resource_worker-0@here', heartbeat: memoryEpoch }]
  }

  async running(): Promise<readonly Task[]> {
    return [...this.#tasks.values()].filter(({ state }) => state === 'running')
  }

  #find(id: string): Task {
    const task = this.#tasks.get(id)
    if (task === undefined) throw notFound({ task: id })
    return task
  }

  #add(task: NewTask): Task {
    const key = this.#tasks.size + 1
    const id = `00000000-0000-4000-8000-${String(key).padStart(12, '0')}`
    const made: Task = { ...waiting, ...task, key, id }
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
  attempt: 0,
  progress: {},
  waitingReason: null,
  result: null,
  error: null,
  spawned: [],
} as const
