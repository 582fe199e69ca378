import type { ErrorReport } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Task } from './task.ts'

/**
 * Tasks that the agent of a consumer does instead of a worker: `waiting → accepted → running → finished | error` (pulp2-api §3.4).
 * They are queued like others, by a `NewTask` with `agent`, hold no resources, and no worker ever claims one. Operations and their
 * arguments:
 *
 * - `consumer-bind`, `consumer-unbind`: `{ consumer, repository, distributor, options, payload }`; `payload` is what the
 *   distributor hands to consumers (`Distributor.consumerPayload`), null on unbind. One that ends well completes the binding.
 * - `consumer-install`, `consumer-update`, `consumer-uninstall`: `{ consumer, units: [{ type_id, unit_key }], options }`.
 */
export interface AgentTasks {
  /** Those of a consumer that are not over, in order of creation. */
  pending(consumerId: string): Promise<readonly Task[]>
  /** Each returns false when the task is over already, cancelled say, and changes nothing then. Saying it again is harmless. */
  accept(taskId: string): Promise<boolean>
  start(taskId: string): Promise<boolean>
  report(taskId: string, progress: JsonObject): Promise<boolean>
  end(taskId: string, outcome: { readonly result: Json } | { readonly error: ErrorReport }): Promise<boolean>
  /** Ends with an error what no agent has accepted within so many seconds. Returns how many there were. */
  expire(timeoutSeconds: number): Promise<number>
  /** Calls back with the consumer of an agent task that was queued or cancelled, with undefined when some may have been missed. */
  watch(onChange: (consumerId: string | undefined) => void): Promise<{ close(): void }>
}
