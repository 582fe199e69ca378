import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Criteria } from '../../core/criteria.ts'
import { DeckleError, invalid } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { sqlState } from '../postgres-errors.ts'
import type { Schema } from '../schema.ts'
import { checkPatterns } from './check-patterns.ts'
import type { FieldMap } from './searchable.ts'

/** Runs a search with a limit on the time of each statement, since clients write its regular expressions. */
export async function runSearch<Result>(
  database: Database,
  criteria: Criteria,
  search: (transaction: Transaction<Schema>) => Promise<Result>,
  timeLimitMs = 10_000,
): Promise<Result> {
  try {
    return await database.transaction().execute(async (transaction) => {
      await sql.raw(`SET LOCAL statement_timeout = ${timeLimitMs}`).execute(transaction)
      // Compiling a filter of hundreds of parts takes longer than running it, and the limit cannot interrupt it.
      await sql`SET LOCAL jit = off`.execute(transaction)
      await checkPatterns(transaction, criteria.filter)
      return await search(transaction)
    })
  } catch (error) {
    throw explain(error, timeLimitMs)
  }
}

/** Rows by all sort keys, then by age. Null is less than everything, as in MongoDB. */
export function orderBy(criteria: Criteria, fields: FieldMap, key: RawBuilder<unknown>): RawBuilder<unknown> {
  const keys = criteria.sort.flatMap(({ field, direction }) => {
    const sort = Object.hasOwn(fields, field) ? fields[field]?.sort : undefined
    if (sort === undefined) return []
    return direction === 'ascending' ? [sql`${sort} ASC NULLS FIRST`] : [sql`${sort} DESC NULLS LAST`]
  })
  return sql.join([...keys, key])
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
