import { DeckleError } from '../../core/errors.ts'
import type { Actor } from '../../core/managed.ts'
import { adminAccount, type Resource, type ResourceStore } from '../../core/resource.ts'
import { superUsers, type User, type UserStore } from '../../core/user.ts'
import { findKey, isWorking, makerOf } from './api-keys.ts'
import { everyResource } from './every-resource.ts'
import { findResource } from './find-resource.ts'
import { looksLikeAccessKey } from './key-pair.ts'
import { hasMember } from './owners.ts'

export interface ActorServices {
  readonly resources: ResourceStore
  readonly users: Pick<UserStore, 'find'>
  /** Who a user of Deckle is, by Basic or Bearer. Throws kind `unauthenticated`. */
  authenticateUser(header: string | undefined): Promise<User>
  /** False: everybody is the admin, whatever they send (rancher-api §1.6). */
  readonly accessControl: boolean
}

/** Finds out who acts. Nothing is remembered: keys, accounts and users that change do so at once, in every process. */
export class ActorAuthenticator {
  readonly #services: ActorServices

  constructor(services: ActorServices) {
    this.#services = services
  }

  /** Whoever an API key or a user of Deckle is. Throws kind `unauthenticated`. */
  async authenticate(header: string | undefined): Promise<Actor> {
    const { accessControl, authenticateUser } = this.#services
    if (!accessControl) return administrator('admin')
    const pair = basicPair(header)
    if (pair !== undefined && looksLikeAccessKey(pair.user)) return this.#byKey(pair)
    return this.#asUser(await authenticateUser(header))
  }

  /** The host whose agent logs in with these keys. Throws kind `unauthenticated`. */
  async authenticateAgent(header: string | undefined): Promise<Resource> {
    const { resources } = this.#services
    const pair = basicPair(header)
    const key = pair && (await findKey(resources, 'agentKey', pair.user, pair.password))
    const host = key && (await findResource(resources, ['host'], key.owner))
    if (host === undefined || host.removed !== null || host.state === 'removing') {
      throw new DeckleError('unauthenticated', 'The keys of this agent are not good any more: register the host again')
    }
    return host
  }

  /** Keys of the projects that are open to him. */
  async projectsOf(actor: Actor): Promise<readonly number[]> {
    const open: number[] = []
    for await (const project of everyResource(this.#services.resources, { types: ['project'], filters: [] })) {
      const isActive = project.state === 'active' || project.state === 'updating-active'
      if (isActive && isOpenTo(project, actor)) open.push(project.key)
    }
    return open
  }

  async #byKey({ user, password }: Pair): Promise<Actor> {
    const { resources } = this.#services
    const key = await findKey(resources, 'apiKey', user, password)
    const owner = key && (await findResource(resources, ['account', 'project'], key.owner))
    if (key === undefined || owner === undefined || !isWorking(owner)) throw unknownKey()
    if (owner.type === 'project')
      return { role: 'project', account: owner.key, project: owner.key, name: owner.name ?? user }
    return owner.key === adminAccount ? this.#asMaker(key) : this.#asAccount(owner)
  }

  /** A key of the shared account of the administrators is as good as who has made it. */
  async #asMaker(key: Resource): Promise<Actor> {
    const login = makerOf(key)
    const user = login === undefined ? undefined : await this.#services.users.find(login)
    if (user === undefined || !user.roles.includes(superUsers)) throw unknownKey()
    return administrator(user.login)
  }

  /** An account of a user of Deckle ends with him; one that an administrator has made stands for itself. */
  async #asAccount({ key, identity }: Resource): Promise<Actor> {
    if (identity === null) return { role: 'user', account: key, project: null, name: `account ${key}` }
    const user = await this.#services.users.find(identity.slice(userPrefix.length))
    if (user === undefined) throw unknownKey()
    return { role: 'user', account: key, project: null, name: user.login }
  }

  async #asUser(user: User): Promise<Actor> {
    if (user.roles.includes(superUsers)) return administrator(user.login)
    const account = await this.#accountOf(user)
    if (isWorking(account)) return { role: 'user', account: account.key, project: null, name: user.login }
    throw new DeckleError('unauthenticated', `The account of ${user.login} is not active`)
  }

  /** Made with his first call. */
  async #accountOf({ login, name }: User): Promise<Resource> {
    const { resources } = this.#services
    const identity = `${userPrefix}${login}`
    const found = await resources.find('account', null, identity)
    if (found !== undefined) return found
    try {
      const data = { kind: 'user' }
      return await resources.create({ type: 'account', owner: null, name, identity, state: 'active', data })
    } catch (error) {
      const other = await resources.find('account', null, identity)
      if (other === undefined) throw error
      return other
    }
  }
}

const userPrefix = 'user:'

interface Pair {
  readonly user: string
  readonly password: string
}

/** RFC 7617 §2; undefined for another scheme. */
function basicPair(header: string | undefined): Pair | undefined {
  const [scheme, credentials] = header?.trim().split(/\s+/) ?? []
  if (scheme?.toLowerCase() !== 'basic' || credentials === undefined) return undefined
  const text = Buffer.from(credentials, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function isOpenTo({ key, data }: Resource, { role, account, project, name }: Actor): boolean {
  if (role === 'admin') return true
  if (role === 'project') return key === (project ?? account)
  return hasMember(data, name)
}

function administrator(name: string): Actor {
  return { role: 'admin', account: adminAccount, project: null, name }
}

function unknownKey(): DeckleError {
  return new DeckleError('unauthenticated', 'Authentication failed: unknown API key')
}
