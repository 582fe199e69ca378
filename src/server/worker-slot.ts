import { hostname } from 'node:os'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresTaskClaims } from '../database/tasks/postgres-task-claims.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { taskOperations } from '../operations/task-operations.ts'
import { heldForSpace } from '../operations/wait-for-space.ts'
import { runSlot } from '../tasks/run-slot.ts'
import { compose } from './compose.ts'
import { readConfig } from './config.ts'
import { slotConnections } from './connections.ts'
import { FetchMeter } from './fetch-meter.ts'
import { openLog } from './log.ts'
import { reportFetched } from './report-fetched.ts'
import { taskServices } from './task-services.ts'

/** Entry of a worker slot: a child process of the server that runs one task at a time. Its argument is its name. */
const name = process.argv[2] ?? `reserved_resource_worker-0@${hostname()}`
const config = readConfig()
const log = openLog(config.logLevel, { worker: name })
const databaseUrl = config.databaseUrl
if (databaseUrl === undefined) throw new Error('a worker slot is started by the server, which tells it the database')

const services = await compose(config, databaseUrl, log, slotConnections)
const control = new ControlConnection(config.databaseDirectUrl ?? databaseUrl, log)
await control.open()
const fetched = new FetchMeter()
const reportLast = reportFetched(fetched)
const code = await runSlot({
  name,
  presence: new PostgresWorkerPresence(control, [name]),
  claims: new PostgresTaskClaims(services.opened.database, log),
  operations: taskOperations(taskServices(services, config, log, fetched)),
  heldBack: () => heldForSpace(services.space),
  log,
})
await reportLast()
// After a failure an operation that ignored its abort may still hold a connection: closing would wait for it for ever.
if (code === 0) {
  await control.close()
  await services.opened.close()
}
process.exit(code)
