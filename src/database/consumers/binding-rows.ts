import { type Kysely, type Selectable, sql } from 'kysely'
import type { Binding, BindingAction } from '../../core/consumer.ts'
import type { TaskState } from '../../core/task.ts'
import type { Schema } from '../schema.ts'

interface AgentTaskRow {
  readonly taskId: string
  readonly operation: 'consumer-bind' | 'consumer-unbind'
  readonly state: TaskState
  /** Finished, and the agent says that it has done it. */
  readonly done: boolean
  /** Seconds since 1970. */
  readonly created: number
}

/** What the agent was told since the binding is there, by the tags of `bindingTags`. */
const toldOfBinding = sql<readonly AgentTaskRow[]>`coalesce((
  SELECT jsonb_agg(jsonb_build_object('taskId', told.task_id, 'operation', told.operation, 'state', told.state,
    'done', coalesce(told.state = 'finished' AND told.result -> 'succeeded' = 'true', false), 'created', extract(epoch FROM told.created)) ORDER BY told.id)
  FROM task AS told
  WHERE told.tags @> ARRAY['consumer:' || consumer.name, 'repository:' || binding.repository,
      'repository_distributor:' || binding.distributor]
    AND told.operation IN ('consumer-bind', 'consumer-unbind') AND told.created >= binding.created), '[]')`

/** Bindings with the names of their consumers. */
export function selectBindings(database: Kysely<Schema>) {
  return database
    .selectFrom('binding')
    .innerJoin('consumer', 'consumer.id', 'binding.consumer')
    .selectAll('binding')
    .select('consumer.name as consumer_name')
    .select(toldOfBinding.as('told'))
}

type BindingRow = Selectable<Schema['binding']> & {
  readonly consumer_name: string
  readonly told: readonly AgentTaskRow[]
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
    actions: toActions(row.told),
    created: row.created,
  }
}

const pendingStates: readonly TaskState[] = ['waiting', 'accepted', 'running']

/** What went before something that was done well is settled by it. */
function toActions(told: readonly AgentTaskRow[]): readonly BindingAction[] {
  const settled = told.findLastIndex(({ done }) => done)
  return told.slice(settled + 1).map(({ taskId, operation, state, created }) => ({
    taskId,
    action: operation === 'consumer-bind' ? 'bind' : 'unbind',
    status: pendingStates.includes(state) ? 'pending' : 'failed',
    timestamp: new Date(created * 1000),
  }))
}
