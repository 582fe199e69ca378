import type { LifeAction } from '../../core/life-cycle.ts'
import type { ResourceStore, ResourceType } from '../../core/resource.ts'
import type { PullTaskWork } from '../../core/rollout.ts'
import { apiKeys } from './api-keys.ts'
import type { LifeRulesByType, LifeWork } from './life-cycle.ts'
import { accounts, projects } from './owners.ts'
import { pullTaskLife, pullTasks } from './pull-tasks.ts'
import { registers, registrationTokens } from './registration.ts'
import { registries, registryCredentials } from './registries.ts'
import { named, type TypeRules } from './type-rules.ts'

/** How each type is made and changed. Hosts, images and the keys of agents come by themselves. */
export const typeRules: Readonly<Record<ResourceType, TypeRules>> = {
  account: accounts,
  agentKey: {},
  apiKey: apiKeys,
  host: { change: async (_services, _host, fields) => named(fields, ['labels']), changesInTransition: true },
  image: {},
  project: projects,
  pullTask: pullTasks,
  register: registers,
  registrationToken: registrationTokens,
  registry: registries,
  registryCredential: registryCredentials,
  storagePool: {},
}

/** What projects own: it goes with them. */
const ofProjects: readonly ResourceType[] = [
  ...(['apiKey', 'host', 'image', 'pullTask', 'register'] as const),
  ...(['registrationToken', 'registry', 'registryCredential', 'storagePool'] as const),
]

/** Credentials have no way back (rancher-api §2.1). */
const credential = { without: ['restore'] as readonly LifeAction[] }

/** How each type lives. Images are rows of ours alone: nothing of their lives reaches a host (rancher-api §7). */
export function lifeRules(resources: ResourceStore, pulls: PullTaskWork): LifeRulesByType {
  return {
    account: { work: { purging: removing(['apiKey']) } },
    agentKey: credential,
    apiKey: credential,
    host: { work: { removing: removing(['agentKey']) } },
    image: {},
    project: { work: { purging: removing(ofProjects) } },
    pullTask: pullTaskLife(resources, pulls),
    register: {},
    registrationToken: credential,
    registry: { work: { purging: removingCredentials } },
    registryCredential: credential,
    storagePool: {},
  }
}

function removing(types: readonly ResourceType[]): LifeWork {
  return async ({ key }, life) => {
    await life.removeAll({ types, owners: [key], filters: [] })
    return 'done'
  }
}

/** rancher-api §4.6. */
const removingCredentials: LifeWork = async ({ key, owner }, life) => {
  const filters = [{ member: 'registryId', test: 'eq', value: String(key) }] as const
  await life.removeAll({ types: ['registryCredential'], ...(owner !== null && { owners: [owner] }), filters })
  return 'done'
}
