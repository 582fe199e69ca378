import { hostname } from 'node:os'

/** Name of a slot as Pulp names its workers. */
export function workerName(slot: number, host = hostname()): string {
  return `reserved_resource_worker-${slot}@${host}`
}

/**
 * What the parent of the slots registers as. Clients of Pulp want to see all three kinds before they work (pulp2-api §14), and
 * slots are not always there: the parent answers for them.
 */
export function supervisorNames(slots: number, host = hostname()): readonly string[] {
  const workers = Array.from({ length: slots }, (_, slot) => workerName(slot, host))
  return [`scheduler@${host}`, `resource_manager@${host}`, ...workers]
}
