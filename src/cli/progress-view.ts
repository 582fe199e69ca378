import { isComplete, type TaskReport } from '../clients/pulp-answers.ts'
import { asList, asObject, type LooseObject, numberOf, textOf } from './loose-json.ts'

export interface Amount {
  readonly done: number
  readonly total: number
}

/** What a task is doing, whatever the shape of its report. */
export interface ProgressView {
  /** What it is at, for people: `packages`, `reading metadata`. */
  readonly phase: string
  readonly items?: Amount
  readonly bytes?: Amount
}

/** How far the work is: the first task that is not complete, else the last. Undefined when there is none. */
export function viewProgress(tasks: readonly TaskReport[]): ProgressView | undefined {
  const task = tasks.find((one) => !isComplete(one)) ?? tasks.at(-1)
  if (task === undefined) return undefined
  if (task.state === 'waiting') return { phase: waitingFor(task) }
  const [report] = Object.values(task.progress_report)
  return viewReport(report) ?? { phase: actionOf(task) }
}

function waitingFor(task: TaskReport): string {
  return task.waiting_reason === undefined ? 'waiting for a worker' : `waiting: ${task.waiting_reason}`
}

/** Reports have three shapes (pulp2-types §3): steps, yum's parts, counters of files. */
function viewReport(report: unknown): ProgressView | undefined {
  if (Array.isArray(report)) return viewSteps(report.map(asObject))
  const parts = asObject(report)
  if (parts['content'] !== undefined) return viewParts(parts)
  if (parts['num_isos'] !== undefined) return viewFiles(parts)
  return undefined
}

function viewSteps(steps: readonly LooseObject[]): ProgressView | undefined {
  const step = steps.findLast((one) => one['state'] === 'IN_PROGRESS') ?? steps.findLast(hasBegun)
  if (step === undefined) return undefined
  const [child] = asList(step['sub_steps'])
  if (child !== undefined && step['state'] === 'IN_PROGRESS') return viewSteps(asList(step['sub_steps']).map(asObject))
  const phase = textOf(step['description']) ?? textOf(step['step_type']) ?? 'working'
  return { phase, items: { done: numberOf(step['num_processed']), total: numberOf(step['items_total']) } }
}

function hasBegun(step: LooseObject): boolean {
  return step['state'] !== 'NOT_STARTED'
}

const partPhases: Readonly<Record<string, string>> = {
  metadata: 'reading metadata',
  distribution: 'distribution files',
  errata: 'errata',
  comps: 'package groups',
  modules: 'modules',
  purge_duplicates: 'removing old packages',
}

/** yum (pulp2-types §5.4). Packages come first: the other parts are short. */
function viewParts(parts: LooseObject): ProgressView {
  const content = asObject(parts['content'])
  const active = Object.keys(partPhases).find((part) => asObject(parts[part])['state'] === 'IN_PROGRESS')
  if (active !== undefined && content['state'] !== 'IN_PROGRESS') return { phase: partPhases[active] ?? active }
  return {
    phase: 'packages',
    items: amount(content['items_total'], content['items_left']),
    bytes: amount(content['size_total'], content['size_left']),
  }
}

function amount(total: unknown, left: unknown): Amount {
  return { done: numberOf(total) - numberOf(left), total: numberOf(total) }
}

/** Plain files (pulp2-types §7). */
function viewFiles(report: LooseObject): ProgressView {
  const state = textOf(report['state'])
  if (state === 'not_started' || state === 'manifest_in_progress') return { phase: 'reading the manifest' }
  return {
    phase: 'files',
    items: { done: numberOf(report['num_isos_finished']), total: numberOf(report['num_isos']) },
    bytes: { done: numberOf(report['finished_bytes']), total: numberOf(report['total_bytes']) },
  }
}

/** `pulp:action:publish` → `publish`. */
function actionOf(task: TaskReport): string {
  const tag = task.tags.find((one) => one.startsWith('pulp:action:'))
  return tag?.slice('pulp:action:'.length).replaceAll('_', ' ') ?? 'working'
}
