import { type ContentAction, contentActions } from '../../core/consumer.ts'
import { invalid } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { messageOf } from '../message-of.ts'
import { bindDescriptor, unbindDescriptor } from './descriptor-binding.ts'
import { type ContentMeans, doContent } from './do-content.ts'
import { bindReport, failedPart, type PartReport } from './reports.ts'
import type { SystemFiles } from './system-files.ts'
import type { DoTask } from './task-duty.ts'
import { bindYum, unbindYum } from './yum-binding.ts'

export interface TaskMeans extends ContentMeans {
  readonly files: SystemFiles
  /** How this agent reaches the server, `http://deckle.example.com:8080`. */
  readonly server: string
  /** What is installed may be another now; resolves when the server was told. */
  changed(): Promise<void>
}

const yum = 'yum_distributor'

/** Does what the server asks of a consumer (`core/agent-task.ts`). */
export function taskDoer(means: TaskMeans): DoTask {
  return async ({ operation, arguments: given }, signal, onProgress) => {
    if (operation === 'consumer-bind') return bind(means, given)
    if (operation === 'consumer-unbind') return unbind(means, given)
    const action = contentActions.find((one) => operation === `consumer-${one}`)
    if (action === undefined) throw invalid(`this agent is too old for ${operation}`)
    return content(means, action, given, signal, onProgress)
  }
}

async function bind(means: TaskMeans, given: JsonObject): Promise<JsonObject> {
  const binding = nameOf(given)
  const [type, payload] = [text(given['type']), objectOf(given['payload'])]
  const part = await attempt(async () => {
    if (type === yum) await bindYum(means.files, binding, payload, means.server)
    else await bindDescriptor(means.files, binding, type, payload, means.server)
  })
  return bindReport(type, binding.repository, part)
}

/** Whatever it was bound to: the distributor is gone, perhaps. */
async function unbind({ files }: TaskMeans, given: JsonObject): Promise<JsonObject> {
  const binding = nameOf(given)
  const part = await attempt(async () => {
    await unbindYum(files, binding)
    await unbindDescriptor(files, binding)
  })
  return bindReport(typeof given['type'] === 'string' ? given['type'] : yum, binding.repository, part)
}

async function content(
  means: TaskMeans,
  action: ContentAction,
  given: JsonObject,
  signal: AbortSignal,
  onProgress: (report: JsonObject) => void,
): Promise<JsonObject> {
  const order = { action, units: given['units'] ?? [], options: objectOf(given['options']) }
  const report = await doContent(order, means, signal, onProgress)
  // Before the end of the task: who has seen that sees the packages, too.
  await means.changed()
  return report
}

async function attempt(work: () => Promise<void>): Promise<PartReport> {
  try {
    await work()
    return { succeeded: true, details: {} }
  } catch (error) {
    return failedPart(messageOf(error))
  }
}

function nameOf(given: JsonObject) {
  return { repository: text(given['repository']), distributor: text(given['distributor']) }
}

function text(value: Json | undefined): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid('the server did not say what to bind')
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
