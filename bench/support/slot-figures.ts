import type { ChildProcess } from 'node:child_process'
import { workerSlotsOf } from '../../e2e/support/processes.ts'
import { followTasks, requireFinished } from '../../src/clients/follow-tasks.ts'
import type { PulpClient } from '../../src/clients/pulp-client.ts'
import { cpuSeconds } from './process-figures.ts'

/** Follows what a call has spawned to its end; throws when it fails. */
export async function done(client: PulpClient, call: ReturnType<PulpClient['sync']>): Promise<void> {
  requireFinished(await followTasks(client, (await call).spawned_tasks, { interval: 20 }))
}

/** CPU seconds of the one worker slot, which may be forked only now. */
export async function cpuOfSlot(worker: ChildProcess, work: () => Promise<void>): Promise<number> {
  const [before] = workerSlotsOf(worker.pid ?? 0)
  const used = before === undefined ? 0 : cpuSeconds(before.pid)
  await work()
  const [slot, ...others] = workerSlotsOf(worker.pid ?? 0)
  if (slot === undefined || others.length > 0) throw new Error('one worker slot was expected')
  return cpuSeconds(slot.pid) - used
}
