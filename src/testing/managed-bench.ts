import { type Log, silentLog } from '../core/log.ts'
import type { Actor } from '../core/managed.ts'
import { adminAccount, defaultProject, type Resource, type ResourceStore, resourceTypes } from '../core/resource.ts'
import type { PullTaskWork } from '../core/rollout.ts'
import { LifeCycle } from '../operations/resources/life-cycle.ts'
import { ManagedResources } from '../operations/resources/manage-resources.ts'
import { ResourceSweeper } from '../operations/resources/resource-sweeper.ts'
import { lifeRules } from '../operations/resources/rules.ts'
import { Sealer } from '../operations/resources/sealer.ts'
import { MemoryResources } from './memory-resources.ts'

/** Rollouts that end when a test says so. */
export class ManualPulls implements PullTaskWork {
  /** `begin 7`, `cancel 7`, in order. */
  readonly calls: string[] = []
  /** Tasks that pull. */
  readonly pulling = new Set<number>()
  /** Waited for by each `begin`. */
  gate: Promise<void> = Promise.resolve()
  readonly #begun = new Set<number>()

  async begin({ key }: Resource): Promise<void> {
    await this.gate
    this.calls.push(`begin ${key}`)
    if (!this.#begun.has(key)) this.pulling.add(key)
    this.#begun.add(key)
  }

  async ended({ key }: Resource): Promise<boolean> {
    return !this.pulling.has(key)
  }

  async cancel({ key }: Resource): Promise<void> {
    this.calls.push(`cancel ${key}`)
    this.pulling.delete(key)
  }
}

/** The operations on managed resources, over any store. */
export function managedOver(resources: ResourceStore, pulls: PullTaskWork = new ManualPulls(), log: Log = silentLog) {
  const now = () => new Date()
  const sealer = new Sealer(Buffer.alloc(32, 7))
  const life = new LifeCycle({ resources, rules: lifeRules(resources, pulls), now, log })
  const operations = new ManagedResources({ resources, life, sealer, now })
  const sweeper = new ResourceSweeper({ resources, life, log, unsettledSeconds: 0 })
  return { resources, life, operations, sealer, sweeper }
}

export const admin: Actor = { role: 'admin', account: adminAccount, project: defaultProject, name: 'admin' }

export function inProject(project: number): Actor {
  return { role: 'project', account: project, project, name: 'somebody' }
}

/** A store in memory with what a new server has: the account of the admin and the project Default, under their keys. */
export async function newServersResources(): Promise<MemoryResources> {
  const resources = new MemoryResources()
  const make = (type: 'account' | 'project', name: string) =>
    resources.create({ type, owner: null, name, identity: name, state: 'active', data: {} })
  await make('account', 'admin')
  for (const name of ['a', 'b', 'c', 'Default']) await make('project', name)
  return resources
}

/** Whatever its type is. */
export function rowOf(resources: ResourceStore, { key }: Pick<Resource, 'key'>): Promise<Resource> {
  return resources.get(resourceTypes, key)
}
