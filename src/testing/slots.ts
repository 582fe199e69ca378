import { fileURLToPath } from 'node:url'
import { silentLog } from '../core/log.ts'
import { openDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresTaskClaims } from '../database/tasks/postgres-task-claims.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { supervisorNames } from '../tasks/worker-names.ts'
import { WorkerSlots, type WorkerSlotsOptions } from '../tasks/worker-slots.ts'

export interface RunningSlots {
  readonly slots: WorkerSlots
  stop(): Promise<void>
}

/** Starts real worker processes over a database, with connections of their own, as a server would. */
export async function startSlots(url: string, options: Partial<WorkerSlotsOptions> = {}): Promise<RunningSlots> {
  const count = options.slots ?? 2
  const opened = openDatabase(url, silentLog, 4)
  const control = new ControlConnection(url, silentLog)
  await control.open()
  const slots = new WorkerSlots({
    entry: fileURLToPath(new URL('./task-slot.ts', import.meta.url)),
    env: { ...process.env, TEST_DATABASE_URL: url },
    slots: count,
    heapMegabytes: 256,
    idleMs: 60_000,
    sweepMs: 100,
    claims: new PostgresTaskClaims(opened.database, silentLog),
    presence: new PostgresWorkerPresence(control, supervisorNames(count, 'here')),
    log: silentLog,
    ...options,
  })
  await slots.start()
  const stop = async () => {
    await slots.stop()
    await control.close()
    await opened.close()
  }
  return { slots, stop }
}
