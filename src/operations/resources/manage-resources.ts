import { DeckleError, notFound } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { type LifeAction, lifeActions } from '../../core/life-cycle.ts'
import type { Actor, ResourceOperations } from '../../core/managed.ts'
import { adminAccount, type Resource, type ResourceChange, type ResourceType } from '../../core/resource.ts'
import { findResource } from './find-resource.ts'
import { livingStates, notOffered, overtaken } from './life-cycle.ts'
import { hasMember } from './owners.ts'
import { usingAddress } from './registries.ts'
import { typeRules } from './rules.ts'
import { type Made, named, type RuleServices, requireStorable } from './type-rules.ts'

/** The verbs on managed resources, by the rules of their types. */
export class ManagedResources implements ResourceOperations {
  readonly #services: RuleServices

  constructor(services: RuleServices) {
    this.#services = services
  }

  async create(type: ResourceType, fields: JsonObject, by: Actor): Promise<Made> {
    const { create } = typeRules[type]
    if (create === undefined) throw new DeckleError('forbidden', `A ${type} cannot be made; it comes by itself`)
    requireStorable(fields)
    const made = await create(this.#services, fields, by)
    this.#services.life.begin(made.resource)
    return made
  }

  async update(resource: Resource, fields: JsonObject, by: Actor): Promise<Resource> {
    await this.#requireMayChange(resource, by)
    requireStorable(fields)
    const { change, changesInTransition } = typeRules[resource.type]
    const data = (await change?.(this.#services, resource, fields)) ?? {}
    const common: ResourceChange = named(fields, ['name', 'description'])
    const hasData = Object.keys(data).length > 0
    if (hasData && changesInTransition === true) return this.#inTransition(resource, { ...common, data })
    const changed = await this.#services.resources.change(resource.key, livingStates, {
      ...common,
      ...(hasData && { data }),
    })
    if (changed === undefined) throw overtaken(resource)
    return changed
  }

  async act(resource: Resource, action: LifeAction, by: Actor): Promise<Resource> {
    await this.#requireMayChange(resource, by)
    const loses = action === 'deactivate' || action === 'remove'
    if (resource.key === adminAccount && loses) throw notOffered(resource, action)
    const { life } = this.#services
    if (resource.type !== 'registry' || action !== 'restore') return life.act(resource, action)
    return usingAddress(() => life.act(resource, action), String(resource.data['serverAddress']))
  }

  /** Lists are the API's to narrow; this keeps what somebody else owns from who has only learnt its id. */
  async #requireMayChange({ type, key, owner, data }: Resource, by: Actor): Promise<void> {
    if (by.role === 'admin') return
    if (type === 'account') throw new DeckleError('forbidden', 'Only administrators change accounts')
    if (type === 'project') {
      if (by.role === 'user' && hasMember(data, by.name, ['owner'])) return
      throw new DeckleError('forbidden', 'Only its owners and administrators change a project')
    }
    if (owner !== null && [by.account, by.project].includes(owner)) return
    const project = by.role === 'user' ? await findResource(this.#services.resources, ['project'], owner) : undefined
    if (project === undefined || !hasMember(project.data, by.name)) throw notFound({ [type]: String(key) })
  }

  async #inTransition(resource: Resource, change: ResourceChange): Promise<Resource> {
    const { resources, life } = this.#services
    const during = lifeActions.update[resource.state]
    if (during === undefined) throw overtaken(resource)
    const begun = await resources.change(resource.key, [resource.state], { ...change, state: during })
    if (begun === undefined) throw overtaken(resource)
    life.begin(begun)
    return begun
  }
}
