import type { TaskReport } from '../clients/pulp-answers.ts'
import { asList, asObject, type LooseObject, numberOf, textOf } from './loose-json.ts'

export interface SyncOutcome {
  readonly added: number
  readonly updated: number
  readonly removed: number
  /** What was left out, a line each, with its reason. */
  readonly problems: readonly string[]
}

/** Sums up what syncs among the tasks did (pulp2-api §3.7). */
export function outcomeOf(tasks: readonly TaskReport[]): SyncOutcome {
  const results = tasks.filter(isSync).map((task) => asObject(task.result))
  const sum = (key: string) => results.reduce((total, result) => total + numberOf(result[key]), 0)
  return {
    added: sum('added_count'),
    updated: sum('updated_count'),
    removed: sum('removed_count'),
    problems: tasks.flatMap((task) => Object.values(task.progress_report).flatMap(problemsOf)),
  }
}

export function hasPublish(tasks: readonly TaskReport[]): boolean {
  return tasks.some((task) => task.tags.includes('pulp:action:publish'))
}

function isSync(task: TaskReport): boolean {
  return task.tags.includes('pulp:action:sync')
}

/** Each plugin has its own place for them (pulp2-types §3, §5.4, §7). */
function problemsOf(report: unknown): string[] {
  if (Array.isArray(report)) return report.map(asObject).flatMap(problemsOfStep)
  const { content, distribution, iso_error_messages: files } = asObject(report)
  const packages = asList(asObject(content)['error_details']).map(asObject).map(problemOfPackage)
  const pairs = asList(asObject(distribution)['error_details']).map((pair) => asList(pair).map(String).join(': '))
  const named = asList(files)
    .map(asObject)
    .map((entry) => nameAndReason(entry, textOf(entry['error'])))
  return [...packages, ...pairs, ...named]
}

function problemsOfStep(step: LooseObject): string[] {
  const own = asList(step['error_details']).map((entry) => textOf(asObject(entry)['error']) ?? JSON.stringify(entry))
  return [...own, ...asList(step['sub_steps']).map(asObject).flatMap(problemsOfStep)]
}

function problemOfPackage(entry: LooseObject): string {
  const code = textOf(entry['error_code'])
  const expected = entry['expected_checksum'] ?? entry['expected_size']
  const actual = entry['actual_checksum'] ?? entry['actual_size']
  const reason = textOf(entry['error_message']) ?? textOf(entry['error'])
  if (reason !== undefined) return nameAndReason(entry, reason)
  const comparison = expected === undefined ? '' : ` (expected ${expected}, got ${actual})`
  return nameAndReason(entry, `${code?.replaceAll('_', ' ') ?? 'failed'}${comparison}`)
}

function nameAndReason(entry: LooseObject, reason = 'failed'): string {
  const key = asObject(entry['unit_key'])
  const name = textOf(entry['name']) ?? textOf(key['filename']) ?? textOf(key['name']) ?? textOf(entry['url'])
  return `${name ?? 'unnamed'}: ${reason}`
}
