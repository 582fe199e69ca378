import type { Json, JsonObject } from '../../core/json.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { PullTaskWork } from '../../core/rollout.ts'
import { findResource } from './find-resource.ts'
import type { LifeRules } from './life-cycle.ts'
import { given, newRow, projectOf, refused, type TypeRules } from './type-rules.ts'

/** What a task keeps of its request as it came; the image is not looked at here (rancher-api §3.3). */
const kept = ['image', 'labels', 'mode', 'pullPolicy', 'retries', 'timeoutSeconds']

/** One request to pull an image on the hosts of a project; `parallelism` is a number, or `25%`. */
export const pullTasks: TypeRules = {
  async create({ resources }, fields, by) {
    const owner = projectOf(by)
    if (typeof fields['image'] !== 'string') throw refused('MissingRequired', 'image', 'image is missing')
    const data = {
      ...given(fields, kept),
      ...parallelism(fields['parallelism']),
      ...(await hosts(resources, owner, fields['hostIds'])),
    }
    return { resource: await resources.create(newRow(fields, { type: 'pullTask', owner, data })) }
  },
}

/**
 * A task pulls while it registers, once in its life. Whoever activates it before that is over waits for the same end; whoever
 * deactivates or removes it ends the pulls (rancher-api §7).
 */
export function pullTaskLife(resources: ResourceStore, pulls: PullTaskWork): LifeRules {
  const whenEnded = async (task: Resource) => ((await pulls.ended(task)) ? 'done' : 'goes-on')
  const cancelled = async (task: Resource) => {
    await pulls.cancel(task)
    return 'done' as const
  }
  return {
    work: {
      async registering(task) {
        await pulls.begin(task)
        // Somebody who deactivated it meanwhile has cancelled what had not begun.
        const now = await resources.get(['pullTask'], task.key)
        if (now.state === 'registering' || now.state === 'activating') return whenEnded(task)
        await pulls.cancel(task)
        return 'goes-on'
      },
      activating: whenEnded,
      deactivating: cancelled,
      removing: cancelled,
    },
  }
}

function parallelism(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {}
  const text = String(value)
  if (/^[1-9]\d{0,5}$/.test(text)) return { parallelism: Number(text) }
  if (/^([1-9]\d?|100)%$/.test(text)) return { parallelism: text }
  throw refused(
    'InvalidFormat',
    'parallelism',
    'parallelism must be a number of hosts from 1 on, or 1% to 100% of them',
  )
}

async function hosts(resources: ResourceStore, project: number, keys: Json | undefined): Promise<JsonObject> {
  if (keys === undefined || keys === null) return {}
  if (!Array.isArray(keys)) throw refused('InvalidFormat', 'hostIds', 'hostIds must be a list')
  for (const key of new Set<unknown>(keys)) {
    const host = await findResource(resources, ['host'], key)
    if (host?.owner !== project)
      throw refused('InvalidReference', 'hostIds', 'hostIds names a host that the project does not have')
  }
  return { hostIds: keys }
}
