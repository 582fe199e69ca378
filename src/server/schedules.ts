import type { Log } from '../core/log.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { PostgresDueSchedules } from '../database/schedules/postgres-due-schedules.ts'
import { scheduleChannel } from '../database/schedules/schedule-notices.ts'
import { systemClock } from '../operations/clock.ts'
import { Scheduler } from '../operations/run-schedules.ts'
import type { Services } from './compose.ts'

/** Starts the scheduler of a process that has workers; one of them starts what is due. Changes wake it. */
export async function startScheduler(services: Services, control: ControlConnection, log: Log): Promise<Scheduler> {
  const schedules = new PostgresDueSchedules(services.opened.database)
  const scheduler = new Scheduler({ schedules, clock: systemClock, log })
  await control.attach({
    channel: scheduleChannel,
    notice: () => scheduler.wake(),
    ready: () => scheduler.wake(),
  })
  scheduler.start()
  return scheduler
}
