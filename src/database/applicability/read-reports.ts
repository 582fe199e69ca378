import { sql } from 'kysely'
import type { ApplicabilityReport } from '../../core/applicability.ts'
import type { Database } from '../connection.ts'

/** Consumers and the rows that are theirs; units are read when it is their turn. */
interface Group {
  readonly names: readonly string[]
  readonly rows: readonly string[]
}

/** Holds no connection while a report is taken, and the units of one report in memory. */
export async function* readReports(
  database: Database,
  consumerIds: readonly string[],
  contentTypes?: readonly string[],
): AsyncIterable<ApplicabilityReport> {
  for (const { names, rows } of await findGroups(database, consumerIds, contentTypes)) {
    yield { consumerIds: names, units: await readUnits(database, rows) }
  }
}

async function findGroups(
  database: Database,
  consumerIds: readonly string[],
  contentTypes: readonly string[] | undefined,
): Promise<readonly Group[]> {
  const wanted =
    contentTypes === undefined ? sql`true` : sql`applicability.content_type = ANY(${[...contentTypes]}::text[])`
  const { rows: groups } = await sql<Group>`
    SELECT array_agg(name ORDER BY name) AS names, each.rows::text[] AS rows FROM (
      SELECT consumer.name, array_agg(DISTINCT applicability.id) AS rows
      FROM consumer
      JOIN binding ON binding.consumer = consumer.id AND NOT binding.deleted
      JOIN repository ON repository.name = binding.repository
      JOIN consumer_profile AS profile ON profile.consumer = consumer.id
      JOIN applicability ON applicability.repository = repository.id
        AND applicability.profile_type = profile.content_type AND applicability.profile_hash = profile.hash
      WHERE consumer.name = ANY(${[...consumerIds]}::text[]) AND ${wanted}
      GROUP BY consumer.name) AS each
    GROUP BY each.rows ORDER BY min(name)`.execute(database)
  return groups
}

/** What applies in any of several repositories. */
async function readUnits(database: Database, rows: readonly string[]): Promise<ApplicabilityReport['units']> {
  const { rows: types } = await sql<{ type: string; units: readonly string[] }>`
    SELECT content_type AS type, coalesce(array_agg(DISTINCT unit) FILTER (WHERE unit IS NOT NULL), '{}') AS units
    FROM applicability LEFT JOIN LATERAL unnest(units) AS unit ON true
    WHERE id = ANY(${[...rows]}::bigint[]) GROUP BY content_type ORDER BY content_type`.execute(database)
  return Object.fromEntries(types.map(({ type, units }) => [type, units]))
}
