import { sql } from 'kysely'
import type { PullReport } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import { storableJson } from './storable.ts'

/** Writes what hosts report. Rows of pulls are locked in the order of their keys, like everywhere. */
export async function reportPulls(database: Database, reports: readonly PullReport[]): Promise<readonly number[]> {
  if (reports.length === 0) return []
  const { rows } = await sql<{ task: number }>`
    WITH told AS MATERIALIZED (
      SELECT * FROM unnest(
        ${reports.map(({ host }) => host)}::bigint[],
        ${reports.map(({ pull }) => pull)}::bigint[], ${reports.map(({ attempt }) => attempt)}::integer[],
        ${reports.map(({ bytes }) => bytes ?? null)}::bigint[],
        ${reports.map(({ totalBytes }) => totalBytes ?? null)}::bigint[],
        ${reports.map(({ layers }) => (layers === undefined ? null : storableJson(layers)))}::text[])
      AS told(host, id, attempt, bytes, total, layers)),
    current AS MATERIALIZED (
      SELECT host_pull.id FROM host_pull JOIN told USING (host, id, attempt)
      WHERE phase = 'pulling' ORDER BY id FOR UPDATE OF host_pull),
    written AS (
      UPDATE host_pull SET bytes = greatest(host_pull.bytes, told.bytes), reported = clock_timestamp(),
        total_bytes = coalesce(told.total, host_pull.total_bytes),
        layers = coalesce(told.layers::jsonb, host_pull.layers)
      FROM told JOIN current USING (id) WHERE host_pull.id = told.id RETURNING host_pull.task)
    SELECT DISTINCT task FROM written`.execute(database)
  return rows.map(({ task }) => task)
}
