import { type Kysely, type Selectable, sql } from 'kysely'
import type { Binding, BindingAction } from '../../core/consumer.ts'
import type { Schema } from '../schema.ts'

/** As the database makes it; `id` is that of the task, `timestamp` seconds since 1970. */
interface ActionRow extends Pick<BindingAction, 'action' | 'status'> {
  readonly id: string
  readonly timestamp: number
}

/**
 * What the agent was told since the binding is there, by the tags of `bindingTags`, and has not done. What went before something that
 * was done well is settled by it.
 */
export const bindingActions = sql<readonly ActionRow[]>`coalesce((
  SELECT jsonb_agg(jsonb_build_object('id', told.task_id,
    'action', CASE told.operation WHEN 'consumer-bind' THEN 'bind' ELSE 'unbind' END,
    'status', CASE WHEN told.state IN ('waiting', 'accepted', 'running') THEN 'pending' ELSE 'failed' END,
    'timestamp', extract(epoch FROM told.created)) ORDER BY told.id)
  FROM (
    SELECT task.*, max(task.id) FILTER (WHERE task.state = 'finished' AND task.result -> 'succeeded' = 'true') OVER () AS settled
    FROM task
    WHERE task.tags @> ARRAY['consumer:' || consumer.name, 'repository:' || binding.repository,
        'repository_distributor:' || binding.distributor]
      AND task.operation IN ('consumer-bind', 'consumer-unbind') AND task.created >= binding.created
  ) AS told
  WHERE told.id > coalesce(told.settled, 0)), '[]')`

/** Bindings with the names of their consumers. */
export function selectBindings(database: Kysely<Schema>) {
  return database
    .selectFrom('binding')
    .innerJoin('consumer', 'consumer.id', 'binding.consumer')
    .selectAll('binding')
    .select('consumer.name as consumer_name')
    .select(bindingActions.as('actions'))
}

type BindingRow = Selectable<Schema['binding']> & {
  readonly consumer_name: string
  readonly actions: readonly ActionRow[]
}

export function toBinding(row: BindingRow): Binding {
  return {
    key: row.id,
    consumerId: row.consumer_name,
    repositoryId: row.repository,
    distributorId: row.distributor,
    notifyAgent: row.notify_agent,
    config: row.config,
    deleted: row.deleted,
    actions: row.actions.map(toAction),
    created: row.created,
  }
}

function toAction({ id, action, status, timestamp }: ActionRow): BindingAction {
  return { taskId: id, action, status, timestamp: new Date(timestamp * 1000) }
}
