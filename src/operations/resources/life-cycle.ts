import { DeckleError, toErrorReport } from '../../core/errors.ts'
import { isTransitioning, type LifeAction, type LifeState, lifeActions, lifeEnds } from '../../core/life-cycle.ts'
import type { Log } from '../../core/log.ts'
import {
  type Resource,
  type ResourceChange,
  type ResourceQuery,
  type ResourceStore,
  type ResourceType,
  resourceTypes,
} from '../../core/resource.ts'
import { everyResource } from './every-resource.ts'
import { findResource } from './find-resource.ts'

/** What is done while a resource of the type is in a transition. Done again after a crash, so twice is as good as once. */
export type LifeWork = (resource: Resource, life: LifeCycle) => Promise<'done' | 'goes-on'>

/** How a type differs from the others in its life. */
export interface LifeRules {
  /** Actions that it does not have. */
  readonly without?: readonly LifeAction[]
  /** Transitioning states that take more than a change of the row. One that goes on is settled when somebody says so. */
  readonly work?: Readonly<Partial<Record<LifeState, LifeWork>>>
}

export type LifeRulesByType = Readonly<Record<ResourceType, LifeRules>>

export interface LifeCycleOptions {
  readonly resources: ResourceStore
  readonly rules: LifeRulesByType
  readonly now: () => Date
  readonly log: Log
}

/** After it was removed it is listed, and may be restored, for so long (rancher-api §2.1). */
const keptMs = 60_000

/** States that `remove`, or the removal of what it belongs to, has not come to. */
export const livingStates: readonly LifeState[] = [
  ...(['requested', 'registering', 'activating', 'active', 'deactivating', 'inactive'] as const),
  ...(['updating-active', 'updating-inactive', 'restoring'] as const),
]

/**
 * Takes resources through their lives (rancher-api §2). An action begins with a compare-and-set into its transition, so of two one
 * wins; the work and the next state follow in the background. Everything that is left in a transition may be taken up again by
 * `settle`, in any process.
 */
export class LifeCycle {
  readonly #options: LifeCycleOptions
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: LifeCycleOptions) {
    this.#options = options
  }

  /** Throws kind `invalid`, code `ActionNotAvailable`, and kind `conflict` when somebody else was first. */
  async act(resource: Resource, action: LifeAction): Promise<Resource> {
    const { resources, rules } = this.#options
    const during = lifeActions[action][resource.state]
    if (during === undefined || rules[resource.type].without?.includes(action)) throw notOffered(resource, action)
    const begun = await resources.change(resource.key, [resource.state], this.#entering(during))
    if (begun === undefined) throw overtaken(resource)
    this.begin(begun)
    return begun
  }

  /** Goes on with it in the background. */
  begin(resource: Resource): void {
    const going = this.goOn(resource).finally(() => this.#underWay.delete(going))
    this.#underWay.add(going)
  }

  /** Somebody says that what its transition waited for is over. One that is gone is none. */
  async settle(key: number): Promise<void> {
    const found = await findResource(this.#options.resources, resourceTypes, key)
    if (found !== undefined) await this.goOn(found)
  }

  /** Does what its transition takes, and the next, until it waits or has settled. Never throws: what fails comes again. */
  async goOn(resource: Resource): Promise<void> {
    let current: Resource | undefined = resource
    try {
      while (current !== undefined && isTransitioning(current.state)) current = await this.#step(current)
    } catch (error) {
      await this.#failed(current ?? resource, error)
    }
  }

  /** Removes those that go with something that is going, in whatever state they are. */
  async removeAll({ filters, ...query }: Pick<ResourceQuery, 'types' | 'owners' | 'filters'>): Promise<void> {
    const { resources } = this.#options
    const left = [...filters, { column: 'removed', test: 'null' } as const]
    for await (const { key } of everyResource(resources, { ...query, filters: left })) {
      const begun = await resources.change(key, livingStates, this.#entering('removing'))
      if (begun !== undefined) this.begin(begun)
    }
  }

  /** Resolves when nothing is under way in this process. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  /** Undefined when it goes on, or somebody else has changed its state. */
  async #step(resource: Resource): Promise<Resource | undefined> {
    const { resources, rules } = this.#options
    const next = lifeEnds[resource.state]
    const work = rules[resource.type].work?.[resource.state]
    if (next === undefined || (await work?.(resource, this)) === 'goes-on') return undefined
    return resources.change(resource.key, [resource.state], this.#entering(next))
  }

  /** Left where it is: the sweeper tries again. */
  async #failed({ key, type, state }: Resource, error: unknown): Promise<void> {
    const reason = toErrorReport(error).message
    this.#options.log.warn('a resource could not be settled; that comes again', { resource: key, type, state, reason })
    await this.#options.resources.change(key, [state], { failed: true, message: reason }).catch(() => undefined)
  }

  /** What comes with a state. */
  #entering(state: LifeState): ResourceChange {
    const fresh = { state, message: null, progress: null, failed: false }
    if (state === 'restoring') return { ...fresh, removed: null, removeTime: null }
    if (state !== 'removed') return fresh
    const removed = this.#options.now()
    return { ...fresh, removed, removeTime: new Date(removed.getTime() + keptMs) }
  }
}

/** rancher-api §1.12. */
export function notOffered({ type, key, state }: Resource, action: LifeAction): DeckleError {
  const message = `${action} is not possible for ${type} ${key}, which is ${state}`
  return new DeckleError('invalid', message, { code: 'ActionNotAvailable', fields: ['action'] })
}

export function overtaken({ type, key }: Resource): DeckleError {
  const message = `${type} ${key} has changed meanwhile; look at it and try again`
  return new DeckleError('conflict', message, { code: 'overtaken' })
}
