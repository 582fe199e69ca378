import { DeckleError, toErrorReport } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Task, TaskOperation } from '../core/task.ts'
import type { HeldBack, PresenceListener, TaskClaims, WorkerPresence, WorkerSession } from '../core/task-worker.ts'
import { TaskExecution } from './task-execution.ts'

export interface RunnerOptions {
  /** As status shows it: `reserved_resource_worker-0@host`. */
  readonly name: string
  readonly presence: WorkerPresence
  readonly claims: TaskClaims
  readonly operations: Readonly<Record<string, TaskOperation>>
  readonly log: Log
  /** Asked before each claim: what nobody may start now. */
  readonly heldBack?: () => Promise<HeldBack | undefined>
  /** Called when it has found nothing to do, and when it has found something again. */
  readonly idle?: () => void
  readonly busy?: () => void
  /** Net under the notices; default 2 s. */
  readonly pollMs?: number
  /** What an aborted operation gets to stop; default 10 s. */
  readonly graceMs?: number
  /** How long an end that cannot be written is tried again; default 10 s. */
  readonly endMs?: number
}

/** One worker slot: claims a task, runs it, ends it, takes the next. Open the presence with it as listener, then `run`. */
export class TaskRunner implements PresenceListener {
  readonly #options: RunnerOptions
  #execution: TaskExecution | undefined
  #stopping = false
  #retiring = false
  #idle = false
  #woken = false
  #wake: () => void = () => undefined
  /** Tasks whose cancel was heard before their claim came back. */
  readonly #cancelled = new Set<string>()

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /** Resolves after `stop`, or `retire` when idle. Throws when this process can go on no longer and should end. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      const task = await this.#claim()
      if (task !== undefined) await this.#execute(task)
      else if (this.#retiring) return
      else await this.#rest()
    }
  }

  /** Gives the current task back, to be run again by somebody, and ends `run`. */
  stop(): void {
    this.#stopping = true
    this.#execution?.abort('interrupted')
    this.#wakeUp()
  }

  /** Ends `run` if there is nothing to do. */
  retire(): void {
    this.#retiring = true
    this.#wakeUp()
  }

  joined(): void {
    this.#wakeUp()
  }

  taskReady(): void {
    this.#wakeUp()
  }

  lost(): void {
    this.#execution?.abort('interrupted')
  }

  cancelRequested(taskId: string): void {
    this.#cancelled.add(taskId)
    if (this.#execution?.task.id === taskId) this.#execution.abort('cancelled')
  }

  async #claim(): Promise<{ task: Task; worker: WorkerSession } | undefined> {
    const session = this.#options.presence.session
    this.#woken = false
    if (session === undefined) return undefined
    this.#cancelled.clear()
    const worker = { name: this.#options.name, session }
    try {
      const task = await this.#options.claims.claim(worker, await this.#options.heldBack?.())
      return task && { task, worker }
    } catch (error) {
      this.#options.log.warn('no task can be claimed; trying again', { reason: toErrorReport(error).message })
      return undefined
    }
  }

  async #execute({ task, worker }: { task: Task; worker: WorkerSession }): Promise<void> {
    this.#setIdle(false)
    const { graceMs = 10_000, endMs = 10_000 } = this.#options
    const execution = new TaskExecution(task, { ...this.#options, graceMs, endMs })
    const lost = this.#options.presence.session !== worker.session
    if (lost || this.#stopping) execution.abort('interrupted')
    if (this.#cancelled.has(task.id)) execution.abort('cancelled')
    this.#execution = execution
    const end = await execution.run()
    this.#execution = undefined
    if (end === 'ended') return
    throw new DeckleError('internal', `operation '${task.operation}' did not stop within ${graceMs} ms of its abort`)
  }

  async #rest(): Promise<void> {
    this.#setIdle(true)
    if (this.#woken || this.#stopping || this.#retiring) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#options.pollMs ?? 2_000)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
  }

  #wakeUp(): void {
    this.#woken = true
    this.#wake()
  }

  #setIdle(idle: boolean): void {
    if (idle === this.#idle) return
    this.#idle = idle
    if (idle) this.#options.idle?.()
    else this.#options.busy?.()
  }
}
