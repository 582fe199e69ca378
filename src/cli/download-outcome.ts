import type { TaskReport } from '../clients/pulp-answers.ts'
import { CliError } from './cli-error.ts'
import { asList, asObject, numberOf } from './loose-json.ts'
import { outcomeOf } from './sync-outcome.ts'
import type { Terminal } from './terminal.ts'

export interface DownloadOutcome {
  /** Files that are stored now. */
  readonly done: number
  readonly failed: number
  /** A line each, as far as the report names them. */
  readonly problems: readonly string[]
}

/** Sums up the step that a download reports (pulp2-types §4.4). */
export function downloadOutcomeOf(tasks: readonly TaskReport[]): DownloadOutcome {
  const steps = tasks.flatMap((task) => asList(task.progress_report['background_download']).map(asObject))
  const sum = (key: string) => steps.reduce((total, step) => total + numberOf(step[key]), 0)
  return { done: sum('num_success'), failed: sum('num_failures'), problems: outcomeOf(tasks).problems }
}

/** Problems beyond this many are only counted. */
const most = 20

/** Says what a download did. Throws CliError when there are files that it could not get. */
export function reportDownload(terminal: Terminal, id: string, outcome: DownloadOutcome, verified: boolean): void {
  const { done, failed, problems } = outcome
  const files = done === 1 ? '1 file' : `${done} files`
  const nothing = done === 0 && failed === 0
  terminal.note(`${id}: ${nothing ? 'nothing is missing' : `${files} ${verified ? 'are whole' : 'fetched'}`}`)
  if (failed === 0) return
  for (const problem of problems.slice(0, most)) terminal.note(`  ${problem}`)
  throw new CliError(`${id}: ${failed} ${failed === 1 ? 'file' : 'files'} could not be fetched`)
}
