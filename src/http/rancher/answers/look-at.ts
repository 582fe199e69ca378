import type { Json } from '../../../core/json.ts'
import type { Resource } from '../../../core/resource.ts'
import type { RancherResource } from '../../../wire/rancher/resource.ts'
import { printResource } from '../print/print-resource.ts'
import type { Call } from '../request/call.ts'
import type { View } from '../schema/view.ts'
import type { RancherServices } from '../services.ts'

/** How this caller sees these rows; what is known elsewhere about them is asked for once. */
export async function lookAt(services: RancherServices, call: Call, rows: readonly Resource[]): Promise<View> {
  const { caller, urls, query } = call
  const tasks = rows.filter(({ type }) => type === 'pullTask').map(({ key }) => key)
  const statuses = tasks.length === 0 ? new Map() : await services.rollouts.status(tasks)
  const plainIds = caller.actor.role === 'admin' && query.get('_plainId') === 'true'
  return { role: caller.role, plainIds, urls, query, statuses }
}

export async function showOne(
  services: RancherServices,
  call: Call,
  row: Resource,
  once?: Readonly<Record<string, Json>>,
): Promise<RancherResource> {
  return printResource(row, await lookAt(services, call, [row]), once)
}
