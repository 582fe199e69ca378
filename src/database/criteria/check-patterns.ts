import { type Kysely, sql } from 'kysely'
import type { Filter } from '../../core/criteria.ts'
import type { Schema } from '../schema.ts'
import { matches } from './compile-value-test.ts'
import { toPostgresPattern } from './regular-expression.ts'

/** Lets the database refuse a bad regular expression even where no row would make it look at one. */
export async function checkPatterns(database: Kysely<Schema>, filter: Filter): Promise<void> {
  const patterns = [...patternsOf(filter)]
  if (patterns.length === 0) return
  await sql`SELECT count(*) FROM unnest(${patterns}::text[]) AS pattern WHERE ${matches(sql`''`, sql`pattern`)}`.execute(
    database,
  )
}

function* patternsOf(filter: Filter): Iterable<string> {
  if (filter.kind === 'not') yield* patternsOf(filter.filter)
  else if (filter.kind !== 'field') for (const one of filter.filters) yield* patternsOf(one)
  else if (filter.test.op === 'element') yield* patternsOf(filter.test.filter)
  else if (filter.test.op === 'matches') yield toPostgresPattern(filter.test.pattern, filter.test.options)
}
