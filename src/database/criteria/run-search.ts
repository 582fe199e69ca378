import { sql, type Transaction } from 'kysely'
import type { Criteria } from '../../core/criteria.ts'
import { DeckleError, invalid } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { sqlState } from '../postgres-errors.ts'
import type { Schema } from '../schema.ts'
import { checkPatterns } from './check-patterns.ts'
import { atGate } from './search-gate.ts'

/** How long a search may take. */
export const searchTimeMs = 10_000

/**
 * Runs a search with a limit on the time of each statement, since clients write its regular expressions, and on how many run at a
 * time, since the others who ask the database shall not wait for them.
 */
export async function runSearch<Result>(
  database: Database,
  criteria: Criteria,
  search: (transaction: Transaction<Schema>) => Promise<Result>,
  timeLimitMs = searchTimeMs,
): Promise<Result> {
  try {
    return await atGate(database, () =>
      database.transaction().execute(async (transaction) => {
        // Compiling a filter of hundreds of parts takes longer than running it, and the limit cannot interrupt it. The plan of a cursor
        // shall be the one for all rows.
        await sql`SELECT set_config('statement_timeout', ${String(timeLimitMs)}, true), set_config('jit', 'off', true),
        set_config('cursor_tuple_fraction', '1', true)`.execute(transaction)
        await checkPatterns(transaction, criteria.filter)
        return await search(transaction)
      }),
    )
  } catch (error) {
    throw explain(error, timeLimitMs)
  }
}

const invalidRegularExpression = '2201B'
const queryCanceled = '57014'
/** Expressions that nest deeper, or have more parts, than the database can take. */
const programLimitExceeded = '54'

function explain(error: unknown, timeLimitMs: number): unknown {
  const state = sqlState(error)
  const reason = error instanceof Error ? error.message : ''
  if (state === invalidRegularExpression || state?.startsWith(programLimitExceeded) === true) return badCriteria(reason)
  if (state === queryCanceled)
    return badCriteria(`the search took longer than ${timeLimitMs / 1000} seconds; narrow it`)
  return error
}

function badCriteria(reason: string): DeckleError {
  const { message, kind, details } = invalid(`The criteria cannot be used: ${reason}`, ['criteria'])
  return new DeckleError(kind, message, { ...details, code: 'bad-criteria' })
}
