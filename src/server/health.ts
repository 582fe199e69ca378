import { stat } from 'node:fs/promises'
import type { ControlConnection } from '../database/control-connection.ts'
import { type ReadinessReport, readiness } from '../http/operations/readiness.ts'
import { blobFolder } from './compose.ts'
import type { Config } from './config.ts'

/** Whether this process can do its work now; `stop` aborts when it has been told to end. */
export function watchReadiness(
  config: Config,
  control: ControlConnection,
  stop: AbortSignal,
): () => Promise<ReadinessReport> {
  return readiness({
    process: async () => (stop.aborted ? 'stopping' : undefined),
    // On the connection that is nobody else's: a pool that is busy is no database that is away.
    database: () => control.query('SELECT 1', []).then(noFault, () => 'does not answer'),
    blobs: () => stat(blobFolder(config)).then(noFault, () => 'the folder of the stored files is not there'),
  })
}

function noFault(): undefined {
  return undefined
}
