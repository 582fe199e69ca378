import { type BindingName, bindingTags, type ContentAction, type NamedUnit } from '../../core/consumer.ts'
import type { JsonObject } from '../../core/json.ts'
import type { NewTask } from '../../core/task.ts'

/** What an agent is told of a distributor. */
export interface ToldDistributor extends JsonObject {
  readonly type: string
  /** Its payload for consumers. */
  readonly payload: JsonObject
}

/** The tasks that agents do (`core/agent-task.ts`), with the tags of pulp2-api §3.6. */
export function bindTask(name: BindingName, told: ToldDistributor, options: JsonObject): NewTask {
  return bindingTask('bind', name, { options, ...told })
}

export function unbindTask(name: BindingName, options: JsonObject): NewTask {
  return bindingTask('unbind', name, { options, payload: null })
}

function bindingTask(action: 'bind' | 'unbind', name: BindingName, details: JsonObject): NewTask {
  const { consumerId, repositoryId, distributorId } = name
  return {
    operation: `consumer-${action}`,
    arguments: { consumer: consumerId, repository: repositoryId, distributor: distributorId, ...details },
    tags: [...bindingTags(name), `action:agent_${action}`],
    resources: [],
    agent: consumerId,
  }
}

/** What an agent is to do, as it is asked for and as it is scheduled. */
export interface ContentOrder {
  readonly units: readonly NamedUnit[]
  /** For the agent's handler of the units. */
  readonly options: JsonObject
}

export function contentTask(consumerId: string, action: ContentAction, order: ContentOrder): NewTask {
  return orderedTask(consumerId, action, orderArguments(order))
}

/** As the task says it, and as a schedule keeps it. */
export function orderArguments({ units, options }: ContentOrder): JsonObject {
  return { units: units.map(({ type, key }) => ({ type_id: type, unit_key: key })), options }
}

/** The task of an order as a schedule keeps it. */
export function orderedTask(consumerId: string, action: ContentAction, order: JsonObject): NewTask {
  return {
    operation: `consumer-${action}`,
    arguments: { consumer: consumerId, ...order },
    tags: [`consumer:${consumerId}`, `action:unit_${action}`],
    resources: [],
    agent: consumerId,
  }
}
