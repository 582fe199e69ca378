import { sql } from 'kysely'
import type { HostPull } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'

/** Hosts in the order in which they were chosen. */
export async function readPulls(database: Database, task: number): Promise<readonly HostPull[]> {
  return await database
    .selectFrom('host_pull')
    .select(['id as key', 'task', 'host', 'host_name as hostName', 'phase', 'bytes', 'total_bytes as totalBytes'])
    .select(['layers', 'digest', 'error', 'attempt', 'started', 'ended'])
    .where('task', '=', task)
    .orderBy('id')
    .execute()
}

/** A host that had nothing to refresh is done without a digest. */
export async function readPulled(database: Database, task: number) {
  return await database
    .selectFrom('host_pull')
    .innerJoin('rollout', 'rollout.task', 'host_pull.task')
    .select(['project', 'image', 'host'])
    .where('rollout.task', '=', task)
    .where('phase', '=', 'done')
    .where((eb) => eb.or([eb('mode', '=', 'all'), eb('digest', 'is not', null)]))
    .execute()
}

interface Row {
  readonly task: number
  readonly name: string | null
  readonly status: string
}

/** Of hosts with one name, one that failed counts most, then one that pulls (rancher-api §3.7: they share an entry). */
export async function readStatus(database: Database, tasks: readonly number[]) {
  const { rows } = await sql<Row>`
    SELECT rollout.task, host_name AS name,
      CASE phase WHEN 'done' THEN 'Done' WHEN 'waiting' THEN 'Pulling' WHEN 'pulling' THEN 'Pulling'
        ELSE coalesce(error, 'Failed') END AS status
    FROM rollout LEFT JOIN host_pull USING (task) WHERE rollout.task = ANY(${[...tasks]}::bigint[])
    ORDER BY CASE WHEN phase = 'done' THEN 0 WHEN phase IN ('waiting', 'pulling') THEN 1 ELSE 2 END, id`.execute(
    database,
  )
  const entries = Map.groupBy(rows, ({ task }) => task)
  return new Map([...entries].map(([task, all]) => [task, statusOf(all)]))
}

function statusOf(rows: readonly Row[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.flatMap(({ name, status }) => (name === null ? [] : [[name, status]])))
}
