import { sql } from 'kysely'
import type { ApplicabilityReport } from '../../core/applicability.ts'
import type { Database } from '../connection.ts'

/** Consumers, and the rows that are theirs. */
interface Group {
  readonly names: readonly string[]
  readonly rows: readonly string[]
}

/** Reports whose units are in memory at a time. */
const page = 20

/** Holds no connection while reports are taken. */
export async function* readReports(
  database: Database,
  consumerIds: readonly string[],
  contentTypes?: readonly string[],
): AsyncIterable<ApplicabilityReport> {
  const groups = await findGroups(database, consumerIds, contentTypes)
  for (let start = 0; start < groups.length; start += page) {
    const some = groups.slice(start, start + page)
    const units = await readUnits(database, some)
    for (const [place, { names }] of some.entries()) yield { consumerIds: names, units: units[place] ?? {} }
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

/** What applies to each of some groups in any of its repositories. */
async function readUnits(
  database: Database,
  groups: readonly Group[],
): Promise<readonly Record<string, readonly string[]>[]> {
  const wanted = groups.flatMap(({ rows }, place) => rows.map((row) => [row, place] as const))
  const { rows } = await sql<{ place: number; type: string; units: readonly string[] }>`
    SELECT wanted.place, content_type AS type,
      coalesce(array_agg(DISTINCT unit) FILTER (WHERE unit IS NOT NULL), '{}') AS units
    FROM unnest(${wanted.map(([row]) => row)}::bigint[], ${wanted.map(([, place]) => place)}::integer[])
      AS wanted (id, place)
    JOIN applicability ON applicability.id = wanted.id LEFT JOIN LATERAL unnest(units) AS unit ON true
    GROUP BY wanted.place, content_type ORDER BY wanted.place, content_type`.execute(database)
  const found: Record<string, readonly string[]>[] = groups.map(() => ({}))
  for (const { place, type, units } of rows) Object.assign(found[place] ?? {}, { [type]: units })
  return found
}
