import type { TaskReport } from '../clients/pulp-answers.ts'

/** A task report as a server prints it, with `members` of your own. */
export function taskReport(members: Partial<TaskReport> = {}): TaskReport {
  return {
    task_id: 'a',
    state: 'finished',
    tags: [],
    start_time: null,
    finish_time: null,
    progress_report: {},
    result: null,
    spawned_tasks: [],
    error: null,
    ...members,
  }
}
