import type { PendingAgentTask } from '../../core/agent-task.ts'
import type { ConsumerServerMessage } from '../../wire/agent/consumer-messages.ts'

export interface DeliveryParts {
  /** What is there for the agent; undefined when it is to be told nothing any more. */
  readonly look: () => Promise<readonly PendingAgentTask[] | undefined>
  readonly say: (message: ConsumerServerMessage) => void
  readonly failed: () => void
  /** The tasks that the agent has already. */
  readonly known: readonly string[]
}

/** Tells the agent of one connection each task once, and once that it is not wanted any more. */
export class TaskDelivery {
  readonly #parts: DeliveryParts
  readonly #known: Map<string, 'told' | 'cancelled' | 'ended'>
  #looking = false
  #again = false

  constructor(parts: DeliveryParts) {
    this.#parts = parts
    this.#known = new Map(parts.known.map((task) => [task, 'told']))
  }

  /** Looks for what is new; while one look is under way, all further ones are one. */
  refresh(): void {
    if (this.#looking) {
      this.#again = true
      return
    }
    this.#looking = true
    void this.#look()
      .catch(() => this.#parts.failed())
      .finally(() => {
        this.#looking = false
      })
  }

  cancel(task: string): void {
    if (this.#known.has(task) && this.#known.get(task) !== 'told') return
    this.#known.set(task, 'cancelled')
    this.#parts.say({ kind: 'cancel', task })
  }

  /** Remembered until a look shows that it is over: one that is under way may have begun before. */
  ended(task: string): void {
    this.#known.set(task, 'ended')
  }

  async #look(): Promise<void> {
    do {
      this.#again = false
      const ended = [...this.#known].flatMap(([task, state]) => (state === 'ended' ? task : []))
      const pending = await this.#parts.look()
      if (pending === undefined) return
      const open = new Set(pending.map(({ task }) => task.id))
      for (const task of ended) this.#known.delete(task)
      for (const task of [...this.#known.keys()]) if (!open.has(task)) this.cancel(task)
      for (const one of pending) this.#tell(one)
    } while (this.#again)
  }

  #tell({ task, cancelRequested }: PendingAgentTask): void {
    const { id, operation } = task
    if (!this.#known.has(id)) {
      this.#known.set(id, 'told')
      this.#parts.say({ kind: 'task', task: id, operation, arguments: { ...task.arguments } })
    }
    if (cancelRequested) this.cancel(id)
  }
}
