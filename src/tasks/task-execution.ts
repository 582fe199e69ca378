import { setTimeout as pause } from 'node:timers/promises'
import { cancelled, DeckleError, toErrorReport } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { withLogFields } from '../core/log-fields.ts'
import { type Fence, Postponed, type Task, type TaskOperation, type TaskRun } from '../core/task.ts'
import type { RunEnd, TaskClaims } from '../core/task-worker.ts'
import { ProgressWriter } from './progress-writer.ts'

export interface ExecutionOptions {
  readonly claims: TaskClaims
  readonly operations: Readonly<Record<string, TaskOperation>>
  readonly log: Log
  /** How long an operation may go on after an abort. */
  readonly graceMs: number
  /** For how long an end that cannot be written is tried again. */
  readonly endMs: number
}

/**
 * One run of one claimed task. Whatever throws after an abort gives the task back: it then becomes `canceled` if somebody
 * asked for that, else it waits again (a shutdown, a lost claim).
 */
export class TaskExecution {
  readonly task: Task
  readonly #options: ExecutionOptions
  readonly #log: Log
  readonly #fence: Fence
  readonly #controller = new AbortController()
  readonly #stuck = Promise.withResolvers<'stuck'>()
  #grace: NodeJS.Timeout | undefined
  #interrupted = false

  constructor(task: Task, options: ExecutionOptions) {
    this.task = task
    this.#options = options
    this.#fence = { taskKey: task.key, attempt: task.attempt }
    this.#log = options.log.with({ task: task.id, operation: task.operation })
  }

  /** Tells the operation to stop; `run` ends as stuck when it does not within the grace. */
  abort(reason: 'cancelled' | 'interrupted'): void {
    this.#interrupted = reason === 'interrupted'
    if (this.#controller.signal.aborted) return
    this.#controller.abort(cancelled())
    this.#grace = setTimeout(() => this.#stuck.resolve('stuck'), this.#options.graceMs).unref()
  }

  /**
   * Runs to the end and writes it down. `stuck` means that the operation ignored the abort and its code still runs: the fence
   * keeps it from writing, but this process should end. Throws when the end cannot be written.
   */
  async run(): Promise<'ended' | 'stuck'> {
    const progress = new ProgressWriter(
      (report) => this.#options.claims.progress(this.#fence, report),
      (error) => this.#progressFailed(error),
    )
    const outcome = await Promise.race([this.#operate(progress), this.#stuck.promise])
    clearTimeout(this.#grace)
    const last = await progress.close()
    await this.#end(outcome === 'stuck' ? { state: 'released' } : outcome, last)
    return outcome === 'stuck' ? 'stuck' : 'ended'
  }

  async #operate(progress: ProgressWriter): Promise<RunEnd> {
    const signal = this.#controller.signal
    try {
      signal.throwIfAborted()
      const outcome = await withLogFields({ task: this.task.id }, () => this.#operation()(this.#run(progress)))
      return { state: 'finished', result: outcome.result ?? null, spawn: outcome.spawn ?? [] }
    } catch (error) {
      const report = toErrorReport(error)
      if (signal.aborted) {
        this.#log.info('the task was stopped', { reason: report.message })
        return { state: 'released' }
      }
      if (error instanceof Postponed) {
        this.#log.warn('the task waits and will run again', { reason: error.message })
        return { state: 'released', reason: error.message }
      }
      this.#log.warn('the task failed', { kind: report.kind, reason: report.message })
      return { state: 'error', error: report }
    }
  }

  #run(progress: ProgressWriter): TaskRun {
    const interrupted = () => this.#interrupted
    return {
      task: this.task,
      fence: this.#fence,
      signal: this.#controller.signal,
      log: this.#log,
      get interrupted() {
        return interrupted()
      },
      progress: (report) => progress.report(report),
    }
  }

  #operation(): TaskOperation {
    const { operations } = this.#options
    const name = this.task.operation
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (operation !== undefined) return operation
    throw new DeckleError('internal', `this worker knows no operation '${name}'; all workers must run the same version`)
  }

  #progressFailed(error: unknown): void {
    this.#log.warn('the progress of the task cannot be written', { reason: toErrorReport(error).message })
    if (isClaimLost(error)) this.abort('interrupted')
  }

  /** A database that goes away fails the operation first and the registration a moment later: that is no error of the task. */
  #stillTrue(end: RunEnd): RunEnd {
    return end.state === 'error' && this.#controller.signal.aborted ? { state: 'released' } : end
  }

  async #end(end: RunEnd, progress: Parameters<TaskClaims['finish']>[2]): Promise<void> {
    const deadline = performance.now() + this.#options.endMs
    for (;;) {
      try {
        return await this.#options.claims.finish(this.#fence, this.#stillTrue(end), progress)
      } catch (error) {
        if (isClaimLost(error)) return this.#log.warn('the task was taken over by another worker before it ended here')
        if (performance.now() > deadline) throw error
        this.#log.warn('the end of the task cannot be written; trying again', { reason: toErrorReport(error).message })
        await pause(this.#options.endMs / 20)
      }
    }
  }
}

/** What methods of `TaskClaims` throw when the fence does not hold. */
function isClaimLost(error: unknown): boolean {
  return error instanceof DeckleError && error.kind === 'cancelled'
}
