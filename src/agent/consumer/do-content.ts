import type { ContentAction } from '../../core/consumer.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { messageOf } from '../message-of.ts'
import { packageWork } from './package-arguments.ts'
import { PackageSteps } from './package-steps.ts'
import { contentReport, failedPart, noReboot, type PartReport, type RebootReport } from './reports.ts'
import type { RunCommand } from './run-command.ts'
import { readTransaction } from './transaction-table.ts'

export interface ContentMeans {
  readonly run: RunCommand
  readonly root: string
  readonly packageCommand: readonly string[]
  readonly allowReboot: boolean
}

export interface ContentOrder {
  readonly action: ContentAction
  /** `[{ type_id, unit_key }]`. */
  readonly units: Json
  /** Known are `apply` (default true), `reboot`, `importkeys`, and `all` of an update. */
  readonly options: JsonObject
}

interface Part {
  readonly report: PartReport
  readonly changes: number
}

/** Installs, updates or uninstalls units, type after type. What fails stands in the report (`reports.ts`). */
export async function doContent(
  { action, units, options }: ContentOrder,
  means: ContentMeans,
  signal: AbortSignal,
  onProgress: (report: JsonObject) => void,
): Promise<JsonObject> {
  const parts: Record<string, PartReport> = {}
  let changes = 0
  for (const [type, keys] of byType(units)) {
    const part = await doType(type, keys, { action, options }, means, signal, onProgress)
    parts[type] = part.report
    changes += part.changes
  }
  if (Object.keys(parts).length === 0) parts['rpm'] = failedPart('no unit was named')
  const reboot = changes > 0 && options['reboot'] === true ? await rebootIfAllowed(means) : noReboot
  return contentReport(parts, changes, reboot)
}

function byType(units: Json): ReadonlyMap<string, readonly JsonObject[]> {
  const types = new Map<string, JsonObject[]>()
  for (const unit of Array.isArray(units) ? units : []) {
    if (!isJsonObject(unit) || typeof unit['type_id'] !== 'string') continue
    const key = isJsonObject(unit['unit_key']) ? unit['unit_key'] : {}
    types.set(unit['type_id'], [...(types.get(unit['type_id']) ?? []), key])
  }
  return types
}

async function doType(
  type: string,
  keys: readonly JsonObject[],
  { action, options }: Pick<ContentOrder, 'action' | 'options'>,
  means: ContentMeans,
  signal: AbortSignal,
  onProgress: (report: JsonObject) => void,
): Promise<Part> {
  const steps = new PackageSteps(onProgress)
  try {
    const work = packageWork(type, action, keys, options)
    const command = [...means.packageCommand, ...commandOptions(means.root, options), work.command, ...work.options]
    const watch = { signal, onLine: (line: string) => steps.hear(line), mayStop: () => !steps.changes }
    const { code, output } = await means.run([...command, ...work.packages], watch)
    // Told to change nothing, dnf ends as if somebody had said no.
    if (code !== 0 && !(options['apply'] === false && /^Operation aborted/m.test(output))) throw new Error(tail(output))
    steps.end(true)
    const { resolved, deps } = readTransaction(output)
    const report = { succeeded: true, details: { resolved, deps, failed: [] } }
    return { report, changes: resolved.length + deps.length }
  } catch (error) {
    const reason = signal.aborted ? 'it was cancelled' : messageOf(error)
    steps.end(false, reason)
    return { report: failedPart(reason), changes: 0 }
  }
}

function commandOptions(root: string, { apply, importkeys }: JsonObject): readonly string[] {
  return [
    apply === false ? '--assumeno' : '-y',
    ...(root === '/' ? [] : [`--installroot=${root}`, `--setopt=reposdir=${root.replace(/\/$/, '')}/etc/yum.repos.d`]),
    // With --assumeyes it would import the keys of repositories without a question.
    ...(importkeys === true ? [] : ['--setopt=*.gpgkey=']),
  ]
}

async function rebootIfAllowed({ run, allowReboot }: ContentMeans): Promise<RebootReport> {
  if (!allowReboot) return { scheduled: false, details: { message: 'this agent was not started with --allow-reboot' } }
  const { code, output } = await run(['shutdown', '-r', '+1'])
  return code === 0 ? { scheduled: true, details: {} } : { scheduled: false, details: { message: tail(output) } }
}

/** The end of what a command said, where its error is. */
function tail(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) => /^(?:Error|error|E):|cannot be started|No match/.test(line))
  const said = (errors.length > 0 ? lines.slice(lines.indexOf(errors[0] ?? '')) : lines.slice(-5)).join('; ')
  return said === '' ? 'the package command failed and did not say why' : said.slice(0, 4000)
}
