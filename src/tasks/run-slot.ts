import { toErrorReport } from '../core/errors.ts'
import { isSlotOrder, type SlotReport } from './slot-messages.ts'
import { type RunnerOptions, TaskRunner } from './task-runner.ts'

/**
 * The life of a worker slot inside the process that `WorkerSlots` forked. Resolves with the exit code once nothing is claimed
 * any more; the entry file then closes its connections and calls `process.exit`, since an operation that ignored its abort may
 * still keep the process alive. A parent that dies takes its slots along.
 */
export async function runSlot(options: Omit<RunnerOptions, 'idle' | 'busy'>): Promise<number> {
  const runner = new TaskRunner({ ...options, idle: () => tellParent('idle'), busy: () => tellParent('busy') })
  process.on('message', (message) => {
    if (!isSlotOrder(message)) return
    if (message === 'stop') runner.stop()
    else runner.retire()
  })
  process.on('disconnect', () => runner.stop())
  process.on('SIGTERM', () => runner.stop())
  // Ctrl-C reaches every process of the terminal; the parent decides when its slots stop.
  process.on('SIGINT', () => undefined)
  if (!process.connected) runner.stop()
  await options.presence.open(runner)
  const code = await runner.run().then(
    () => 0,
    (error: unknown) => {
      options.log.error('the worker slot ends', { reason: toErrorReport(error).message })
      return 1
    },
  )
  await options.presence.close()
  return code
}

function tellParent(report: SlotReport): void {
  // The callback keeps a parent that has just died from being an uncaught error; `disconnect` follows.
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined)
}
