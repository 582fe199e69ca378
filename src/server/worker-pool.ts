import { fileURLToPath } from 'node:url'
import { coalesced } from '../core/coalesced.ts'
import type { Log } from '../core/log.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { PostgresTaskClaims } from '../database/tasks/postgres-task-claims.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { heldForSpace } from '../operations/wait-for-space.ts'
import { supervisorNames } from '../tasks/worker-names.ts'
import { WorkerSlots } from '../tasks/worker-slots.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { sweepStaging } from './sweep-staging.ts'

/** A slot without work goes after this long, so that an idle server is small (DESIGN §2, process model). */
const idleMs = 60_000

/** Starts the parent of the worker slots. Slots read the same settings and are told which database it is. */
export async function startWorkers(
  config: Config,
  databaseUrl: string,
  control: ControlConnection,
  services: Services,
  log: Log,
): Promise<WorkerSlots> {
  const sweep = coalesced(() => sweepStaging(config, services.blobs, log).catch((error: unknown) => warn(log, error)))
  const slots = new WorkerSlots({
    slots: config.workers,
    entry: slotEntry(),
    heapMegabytes: config.workerMemory,
    idleMs,
    env: { ...compileCache(), ...process.env, DECKLE_DATABASE_URL: databaseUrl },
    claims: new PostgresTaskClaims(services.opened.database, log),
    presence: new PostgresWorkerPresence(control, supervisorNames(config.workers)),
    heldBack: () => heldForSpace(services.space),
    afterDeath: () => void sweep(),
    log,
  })
  await slots.start()
  return slots
}

function warn(log: Log, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  log.warn('temporary files of dead processes stay for now', { reason })
}

/** The module beside this one: source runs source, the bundle runs the bundle. */
function slotEntry(): string {
  const name = import.meta.url.endsWith('.ts') ? './worker-slot.ts' : './worker-slot.js'
  return fileURLToPath(new URL(name, import.meta.url))
}

/**
 * What V8 compiled for one slot of the bundle is kept beside it, for those after it, which answer 30 to 100 ms sooner (docs/benchmarks.md,
 * sync-and-publish). Node does without where it cannot write, and makes it anew for another bundle or version of itself.
 */
function compileCache(): NodeJS.ProcessEnv {
  if (import.meta.url.endsWith('.ts')) return {}
  return { NODE_COMPILE_CACHE: fileURLToPath(new URL('./compiled', import.meta.url)) }
}
