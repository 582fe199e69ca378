import { join } from 'node:path'
import { toErrorReport } from '../core/errors.ts'
import { runningEmbeddedPostgres } from '../database/embedded/running.ts'
import type { Config } from '../server/config.ts'
import { type Finding, problem, warning } from './finding.ts'

/** The database that these settings lead to, or why there is none to look at now. */
export async function findDatabase(config: Config): Promise<{ readonly url: string } | Finding> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl }
  try {
    const url = await runningEmbeddedPostgres(join(config.dataDir, 'postgres'))
    return url === undefined ? stopped : { url }
  } catch (error) {
    const remedy = 'run the doctor as the user that runs the server'
    return problem('database', `the embedded PostgreSQL runs but ${toErrorReport(error).message}`, remedy)
  }
}

const stopped = warning(
  'database',
  'the embedded PostgreSQL does not run, so neither the schema nor the stored files were looked at',
  'start the server and ask again',
)
