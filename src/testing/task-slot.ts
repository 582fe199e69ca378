import { silentLog } from '../core/log.ts'
import type { TaskOperation } from '../core/task.ts'
import { openDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresTaskClaims } from '../database/tasks/postgres-task-claims.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { runSlot } from '../tasks/run-slot.ts'
import { journalOperation } from './journal.ts'

/** Entry file of real worker slots over `TEST_DATABASE_URL`, with operations that misbehave in the ways that matter. */
const url = process.env['TEST_DATABASE_URL']
const [, , name] = process.argv
if (url === undefined || name === undefined) throw new Error('TEST_DATABASE_URL and the name of the worker are needed')

const opened = openDatabase(url, silentLog, 2)
const control = new ControlConnection(url, silentLog)
await control.open()

const operations: Record<string, TaskOperation> = {
  journal: journalOperation(opened.database),
  'process-id': async () => ({ result: process.pid }),
  'wait-for-abort': ({ signal, progress }) => {
    progress({ waiting: true })
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  },
  'ignore-abort': ({ progress }) => {
    progress({ waiting: true })
    return new Promise(() => undefined)
  },
  'eat-memory': async () => {
    const eaten: string[][] = []
    for (;;) eaten.push(Array.from({ length: 10_000 }, (_, index) => `piece ${index}`))
  },
}

process.exitCode = await runSlot({
  name,
  presence: new PostgresWorkerPresence(control, [name]),
  claims: new PostgresTaskClaims(opened.database, silentLog),
  operations,
  log: silentLog,
  graceMs: 100,
})
process.exit()
