import { coalesced } from '../../core/coalesced.ts'
import type { LifeState } from '../../core/life-cycle.ts'
import type { Log } from '../../core/log.ts'
import type { ResourceStore } from '../../core/resource.ts'
import type { RolloutStore } from '../../core/rollout.ts'
import { progressText } from './progress-text.ts'

const pulling: readonly LifeState[] = ['registering', 'activating']
/** Milliseconds between two looks at a task. */
const pauseMs = 500

/** Writes message and percentage of tasks that go on, one after the other, twice a second at most. */
export class ProgressTeller {
  readonly #resources: ResourceStore
  readonly #rollouts: RolloutStore
  readonly #log: Log
  #tasks = new Set<number>()
  #timer: NodeJS.Timeout | undefined
  readonly #tell = coalesced(() => this.#tellAll())

  constructor(resources: ResourceStore, rollouts: RolloutStore, log: Log) {
    this.#resources = resources
    this.#rollouts = rollouts
    this.#log = log
  }

  /** There are news of these tasks. */
  news(tasks: readonly number[]): void {
    for (const task of tasks) this.#tasks.add(task)
    if (this.#tasks.size === 0) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, pauseMs)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#tasks.clear()
    await this.#tell()
  }

  async #tellAll(): Promise<void> {
    const tasks = [...this.#tasks]
    this.#tasks.clear()
    for (const task of tasks) {
      await this.#tellOne(task).catch((error: Error) =>
        this.#log.warn('the progress of a pull task cannot be written', { task, reason: error.message }),
      )
    }
  }

  async #tellOne(task: number): Promise<void> {
    await this.#rollouts.tell(task, async (progress) => {
      const message = progressText(progress)
      await this.#resources.change(task, pulling, { message, progress: progress.percent })
    })
  }
}
