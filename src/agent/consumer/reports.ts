import type { JsonObject } from '../../core/json.ts'

/**
 * What agents of Pulp 2 report, as the `result` of a task: `{ succeeded, num_changes, reboot, details }`, the details by type of
 * content or of distributor. A part that failed has `message` and `trace`.
 */
export interface PartReport extends JsonObject {
  readonly succeeded: boolean
  readonly details: JsonObject
}

export interface RebootReport extends JsonObject {
  readonly scheduled: boolean
  readonly details: JsonObject
}

export const noReboot: RebootReport = { scheduled: false, details: {} }

export function failedPart(message: string): PartReport {
  return { succeeded: false, details: { message, trace: '' } }
}

/** `parts` by type of content; each counts its own changes. */
export function contentReport(
  parts: Readonly<Record<string, PartReport>>,
  changes: number,
  reboot: RebootReport,
): JsonObject {
  const succeeded = Object.values(parts).every((part) => part.succeeded)
  return { succeeded, num_changes: changes, reboot, details: parts }
}

/** A distributor has a list, of the repositories that were bound to. */
export function bindReport(type: string, repository: string, part: PartReport): JsonObject {
  const details = { [type]: [{ repo_id: repository, ...part }] }
  return { succeeded: part.succeeded, num_changes: 0, reboot: noReboot, details }
}
