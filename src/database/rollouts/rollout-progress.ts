import { type Kysely, sql } from 'kysely'
import type { RolloutProgress } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { lockRollouts } from './lock-rollouts.ts'

/** The task's row is held while `write` runs, so that of two processes the later one writes later. */
export async function tellProgress(
  database: Database,
  task: number,
  write: (progress: RolloutProgress) => Promise<void>,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await lockRollouts(transaction, [task])
    const progress = await readProgress(transaction, task)
    if (progress === undefined) return
    await transaction.updateTable('rollout').set({ percent: progress.percent }).where('task', '=', task).execute()
    await write(progress)
  })
}

interface Row {
  readonly percent: number
  readonly image: string
  readonly hosts: number
  readonly endedHosts: number
  readonly name: string | null
  readonly bytes: number | null
  readonly totalBytes: number | null
}

/** Every host has an equal share. Totals may grow while layers become known, so the highest percentage is kept. */
async function readProgress(database: Kysely<Schema>, task: number): Promise<RolloutProgress | undefined> {
  const { rows } = await sql<Row>`
    SELECT rollout.image, part.hosts, part."endedHosts", first.name, first.bytes, first."totalBytes",
      greatest(rollout.percent, least(99, floor(100 * part.done / greatest(part.hosts, 1))))::integer AS percent
    FROM rollout
    CROSS JOIN LATERAL (
      SELECT count(*) AS hosts, count(*) FILTER (WHERE phase NOT IN ('waiting', 'pulling')) AS "endedHosts",
        sum(CASE WHEN phase NOT IN ('waiting', 'pulling') THEN 1
          WHEN total_bytes > 0 THEN least(0.99, coalesce(bytes, 0)::float8 / total_bytes) ELSE 0 END) AS done
      FROM host_pull WHERE task = rollout.task) AS part
    LEFT JOIN LATERAL (
      SELECT host_name AS name, bytes, total_bytes AS "totalBytes" FROM host_pull
      WHERE task = rollout.task AND phase = 'pulling' ORDER BY id LIMIT 1) AS first ON true
    WHERE rollout.task = ${task} AND NOT rollout.ended`.execute(database)
  const [row] = rows
  if (row === undefined) return undefined
  const { name, bytes, totalBytes, ...rest } = row
  return { ...rest, current: name === null ? null : { name, bytes, totalBytes } }
}
