import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { LifeState } from '../../core/life-cycle.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { HostGreeting } from './host-link.ts'
import { labelsOf } from './read-order.ts'

const present: readonly LifeState[] = [
  'registering',
  'activating',
  'active',
  'deactivating',
  'inactive',
  'updating-active',
  'updating-inactive',
]

/** Writes into the host what its agent told. Nothing when that is known: thousands may come back at once. */
export async function greetHost(resources: ResourceStore, host: Resource, greeting: HostGreeting): Promise<void> {
  const { hostname, name, labels, info } = greeting
  const told = host.data['agentLabels']
  const data = {
    hostname,
    info,
    agentState: 'active',
    agentLabels: labels,
    labels: mergeLabels(labelsOf(host.data), isJsonObject(told) ? told : {}, labels),
  }
  const known = Object.fromEntries(Object.keys(data).map((key) => [key, host.data[key]]))
  if (host.name !== null && isDeepStrictEqual(data, known)) return
  await resources.change(host.key, present, { ...(host.name === null && { name: name ?? hostname }), data })
}

/** What people changed by the API stays, unless the agent says something else than last time. */
export function mergeLabels(
  current: Readonly<Record<string, string>>,
  before: JsonObject,
  now: Readonly<Record<string, string>>,
) {
  const merged = new Map(Object.entries(current))
  for (const key of Object.keys(before)) if (!Object.hasOwn(now, key)) merged.delete(key)
  for (const [key, value] of Object.entries(now)) if (before[key] !== value) merged.set(key, value)
  return Object.fromEntries(merged)
}

export async function hostLeft(resources: ResourceStore, host: number): Promise<void> {
  await resources.change(host, present, { data: { agentState: 'disconnected' } })
}
