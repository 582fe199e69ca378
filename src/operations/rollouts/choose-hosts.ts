import { hostSelector } from '../../core/host-selection.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { RolloutHost } from '../../core/rollout.ts'
import { labelsOf, textOf } from './read-order.ts'

const mostHosts = 1_000_000

/** Hosts of the task's project that are active and have the labels; of `hostIds` only, when it names some (rancher-api §3.6). */
export async function chooseHosts(resources: ResourceStore, task: Resource): Promise<readonly RolloutHost[]> {
  if (task.owner === null) return []
  const ids = task.data['hostIds']
  const hosts = await resources.list({
    types: ['host'],
    owners: [task.owner],
    ...(Array.isArray(ids) && { keys: ids.map(Number) }),
    filters: [{ column: 'removed', test: 'null' }],
    limit: mostHosts,
    offset: 0,
  })
  const selector = hostSelector(labelsOf(task.data))
  const chosen = hosts.filter(({ state }) => state === 'active' || state === 'updating-active')
  return chosen.filter(({ data }) => selector.matches(labelsOf(data))).map(toHost)
}

/** Called by its name, else its hostname, else its key (rancher-api §7). */
function toHost({ key, name, data }: Resource): RolloutHost {
  return { host: key, name: name || textOf(data['hostname']) || String(key) }
}
