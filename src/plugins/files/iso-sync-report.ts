import type { JsonObject } from '../../core/json.ts'
import type { SyncDescription, SyncProgress } from '../../core/sync-progress.ts'

type IsoState =
  | 'not_started'
  | 'manifest_in_progress'
  | 'manifest_failed'
  | 'isos_in_progress'
  | 'isos_failed'
  | 'complete'
  | 'cancelled'

/** The report of an iso sync, which is its history summary as well (pulp2-types §7). */
export function describeIsoSync(progress: SyncProgress): SyncDescription {
  const state = stateOf(progress)
  const { files, bytes } = progress
  const report = {
    state,
    error_message: progress.error ?? null,
    traceback: null,
    num_isos: files.total,
    num_isos_finished: files.done - files.failed,
    total_bytes: enteredOf(progress, 'isos') === undefined ? null : bytes.total,
    finished_bytes: bytes.done,
    iso_error_messages: progress.problems.map(({ name, reason }) => ({ name, error: reason })),
    state_times: stateTimes(progress, state),
  }
  return { report, summary: report, details: null }
}

function stateOf(progress: SyncProgress): IsoState {
  const atIsos = enteredOf(progress, 'isos') !== undefined
  if (progress.state === 'finished') return 'complete'
  if (progress.state === 'cancelled') return 'cancelled'
  if (progress.state === 'failed') return atIsos ? 'isos_failed' : 'manifest_failed'
  if (atIsos) return 'isos_in_progress'
  return enteredOf(progress, 'manifest')?.['in-progress'] === undefined ? 'not_started' : 'manifest_in_progress'
}

function stateTimes(progress: SyncProgress, state: IsoState): JsonObject {
  const manifest = enteredOf(progress, 'manifest') ?? {}
  const isos = enteredOf(progress, 'isos') ?? {}
  const ended = isos.finished ?? isos.skipped ?? isos.failed ?? isos.cancelled ?? manifest.failed ?? manifest.cancelled
  const times: [IsoState, Date | undefined][] = [
    ['not_started', manifest['not-started']],
    ['manifest_in_progress', manifest['in-progress']],
    ['isos_in_progress', isos['in-progress']],
  ]
  if (progress.state !== 'running') times.push([state, ended])
  return Object.fromEntries(times.flatMap(([name, time]) => (time === undefined ? [] : [[name, withoutZone(time)]])))
}

function enteredOf(progress: SyncProgress, part: string) {
  return progress.parts[part]?.entered
}

/** UTC in seconds without a zone: `2018-08-30T03:21:40`. */
export function withoutZone(time: Date): string {
  return time.toISOString().slice(0, 19)
}
