import type { Client } from 'pg'

/**
 * No worker of the backup's time lives any more. What was running waits again under its old attempt number, so that the next
 * claim has a higher one; that is no death. Agents live on, and have all of their time again. What was about to be cancelled is cancelled, and its successors become ready.
 */
export async function settleTasks(client: Client): Promise<void> {
  for (const statement of statements) await client.query(statement)
}

const statements = [
  `UPDATE task SET state = 'canceled', ready = false, worker_session = NULL, finished = clock_timestamp()
    WHERE state = 'running' AND cancel_requested`,
  `UPDATE task SET state = 'waiting', ready = true, worker_session = NULL
    WHERE state = 'running' AND agent IS NULL`,
  `DELETE FROM task_resource USING task WHERE task_resource.task = task.id AND task.state <> 'waiting'`,
  `UPDATE task SET ready = true
    WHERE state = 'waiting' AND NOT ready AND agent IS NULL AND NOT EXISTS (
      SELECT FROM task_resource AS place WHERE place.task = task.id
      AND place.task > (SELECT min(ahead.task) FROM task_resource AS ahead WHERE ahead.resource = place.resource))`,
  `UPDATE task SET heard = clock_timestamp() WHERE agent IS NOT NULL AND finished IS NULL`,
]
