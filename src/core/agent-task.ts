import type { ErrorReport } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Task } from './task.ts'

/**
 * Tasks that the agent of a consumer does instead of a worker: `waiting → accepted → running → finished | error` (pulp2-api §3.4).
 * They are queued like others, by a `NewTask` with `agent`, hold no resources, and no worker ever claims one. Operations and their
 * arguments:
 *
 * - `consumer-bind`: `{ consumer, repository, distributor, type, payload, options }`; `type` is that of the distributor,
 *   `yum_distributor`; `payload` is what it hands to consumers (`Distributor.consumerPayload`).
 * - `consumer-unbind`: the same without type, `payload` null: the distributor may be gone. One that ends well takes the binding
 *   away, if it is still marked as deleted.
 * - `consumer-install`, `consumer-update`, `consumer-uninstall`: `{ consumer, units: [{ type_id, unit_key }], options }`.
 *
 * What an agent could not do is no error of the task: it is finished, and its result says `succeeded: false`, as in Pulp.
 */
export interface AgentTasks {
  /** Those of a consumer that are not over, in order of creation. */
  pending(consumerId: string): Promise<readonly PendingAgentTask[]>
  /** Each returns false when the task is over already, cancelled say, and changes nothing then. Saying it again is harmless. */
  accept(name: AgentTaskName): Promise<boolean>
  start(name: AgentTaskName): Promise<boolean>
  report(name: AgentTaskName, progress: JsonObject): Promise<boolean>
  /** One that was told to stop is cancelled, whatever became of it. */
  end(name: AgentTaskName, outcome: AgentOutcome): Promise<boolean>
  /** Says that an agent still knows these of its tasks. */
  touch(consumerId: string, taskIds: readonly string[]): Promise<void>
  /**
   * Ends what no agent has accepted within so many seconds, or said a word of since: with an error, or as cancelled where that was
   * asked for. Returns how many there were.
   */
  expire(timeoutSeconds: number): Promise<number>
  /** Calls back with the consumer of an agent task that was queued or cancelled, with undefined when some may have been missed. */
  watch(onChange: (consumerId: string | undefined) => void): { close(): void }
}

/** A task of nobody else's: that of another consumer counts as over. */
export interface AgentTaskName {
  readonly consumer: string
  /** Id of the task. */
  readonly task: string
}

export interface PendingAgentTask {
  readonly task: Task
  readonly cancelRequested: boolean
}

/** `result` is the agent's report: `{ succeeded, num_changes, reboot, details }`. */
export type AgentOutcome = { readonly result: Json } | { readonly error: ErrorReport }
