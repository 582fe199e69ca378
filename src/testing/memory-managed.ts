import { DeckleError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { isTransitioning, type LifeAction, type LifeState, lifeActions, lifeEnds } from '../core/life-cycle.ts'
import type { Actor, ResourceOperations, RolloutViews } from '../core/managed.ts'
import type { Resource, ResourceStore, ResourceType } from '../core/resource.ts'
import type { HostPull } from '../core/rollout.ts'

/** The life cycle and nothing else: no transition ends before `settle` is called. */
export class MemoryManaged implements ResourceOperations {
  readonly #resources: ResourceStore
  /** Who asked for what, in order. */
  readonly asked: { readonly verb: string; readonly fields?: JsonObject; readonly by: Actor }[] = []

  constructor(resources: ResourceStore) {
    this.#resources = resources
  }

  async create(type: ResourceType, fields: JsonObject, by: Actor) {
    this.asked.push({ verb: `create ${type}`, fields, by })
    const { name, description, ...data } = fields
    const owner = type === 'project' || type === 'account' ? null : (by.project ?? by.account)
    const identity = identityOf(type, fields)
    const resource = await this.#resources.create({
      ...{ type, owner, name: textOf(name), description: textOf(description), state: 'registering', data },
      ...(identity !== undefined && { identity }),
    })
    return type === 'apiKey' ? { resource, once: { publicValue: 'PUBLIC', secretValue: 'SECRET' } } : { resource }
  }

  async update(resource: Resource, fields: JsonObject, by: Actor): Promise<Resource> {
    this.asked.push({ verb: `update ${resource.type}`, fields, by })
    const { name = resource.name, description = resource.description, ...data } = fields
    const change = { name: textOf(name), description: textOf(description), data }
    return (await this.#resources.change(resource.key, [resource.state], change)) ?? resource
  }

  async act(resource: Resource, action: LifeAction, by: Actor): Promise<Resource> {
    this.asked.push({ verb: `${action} ${resource.type}`, by })
    const state = lifeActions[action][resource.state]
    const begun = state && (await this.#resources.change(resource.key, [resource.state], { state }))
    if (begun) return begun
    throw new DeckleError('invalid', 'not offered', { code: 'ActionNotAvailable', fields: ['action'] })
  }

  /** Goes on until nothing is left to do. */
  async settle(key: number, type: ResourceType): Promise<Resource> {
    const now = await this.#resources.get([type], key)
    const state = lifeEnds[now.state]
    if (!isTransitioning(now.state) || state === undefined) return now
    await this.#resources.change(key, [now.state], { state, ...datesOf(now.state) })
    return this.settle(key, type)
  }
}

/** What a test puts in. */
export class MemoryRollouts implements RolloutViews {
  readonly statuses = new Map<number, Readonly<Record<string, string>>>()
  readonly hosts = new Map<number, readonly number[]>()
  readonly all: HostPull[] = []

  async status(tasks: readonly number[]) {
    return new Map([...this.statuses].filter(([task]) => tasks.includes(task)))
  }

  async pulls(task: number): Promise<readonly HostPull[]> {
    return this.all.filter((pull) => pull.task === task)
  }

  async hostsOf(images: readonly number[]) {
    return new Map([...this.hosts].filter(([image]) => images.includes(image)))
  }
}

function identityOf(type: ResourceType, fields: JsonObject): string | undefined {
  const value = type === 'register' ? fields['key'] : type === 'registry' ? fields['serverAddress'] : undefined
  return typeof value === 'string' ? value : undefined
}

function datesOf(state: LifeState) {
  if (state === 'removing') return { removed: new Date(), removeTime: new Date(Date.now() + 60_000) }
  return state === 'restoring' ? { removed: null, removeTime: null } : {}
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
