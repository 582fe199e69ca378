import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { Resource } from '../../core/resource.ts'
import type { RolloutOrder } from '../../core/rollout.ts'

/** The order of a pull task for so many hosts, from its fields. */
export function readOrder({ key, owner, data }: Resource, hosts: number): RolloutOrder {
  return {
    task: key,
    project: owner ?? 0,
    image: textOf(data['image']),
    mode: data['mode'] === 'cached' ? 'cached' : 'all',
    pullPolicy: data['pullPolicy'] === 'IfNotPresent' ? 'IfNotPresent' : 'Always',
    parallelism: parallelismOf(data['parallelism'], hosts),
    timeoutSeconds: countOf(data['timeoutSeconds']),
    retries: countOf(data['retries']) ?? 0,
  }
}

/** A number, or a percentage of the hosts, rounded up; at least one. Null for all at once. */
function parallelismOf(value: unknown, hosts: number): number | null {
  const text = String(value ?? '')
  const number = Number.parseInt(text, 10)
  if (!Number.isInteger(number)) return null
  return Math.max(1, text.endsWith('%') ? Math.ceil((hosts * number) / 100) : number)
}

/** Labels of a task or of a host. */
export function labelsOf(data: JsonObject): Readonly<Record<string, string>> {
  const labels = data['labels']
  if (!isJsonObject(labels)) return {}
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]))
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) ? value : null
}
