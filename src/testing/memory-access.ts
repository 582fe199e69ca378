import { DeckleError, notFound } from '../core/errors.ts'
import { type Grant, type GrantStore, type Permission, permissions, type UserGrant } from '../core/permission.ts'
import type { NewRole, Role, RoleStore } from '../core/role.ts'
import { lastSuperUser, type NewUser, superUsers, type User, type UserChange, type UserStore } from '../core/user.ts'

type Operations = Set<Permission>
/** Resource → what. */
type Grants = Map<string, Operations>

interface Account {
  readonly key: number
  readonly login: string
  readonly roles: Set<string>
  readonly grants: Grants
  readonly tokens: Set<string>
  name: string
  passwordHash: string | null
}

interface StoredRole extends Omit<Role, 'users' | 'grants'> {
  readonly grants: Grants
}

const created = new Date('2026-01-02T03:04:05Z')

/** Users, roles and grants in memory, as plainly as they can be told: the yardstick for those in the database. */
export class MemoryAccess {
  readonly #accounts = new Map<string, Account>()
  readonly #roles = new Map<string, StoredRole>()
  /** Resource → the number of its permission. */
  readonly #keys = new Map<string, number>()
  #lastKey = 0

  constructor() {
    const grants: Grants = new Map([['/', new Set(permissions)]])
    const description = 'May do everything'
    this.#roles.set(superUsers, { key: 1, created, id: superUsers, displayName: 'Super Users', description, grants })
  }

  readonly users: UserStore = {
    add: async ({ roles, ...user }) => {
      if (this.#accounts.has(user.login)) return false
      const account = this.#insert(user)
      for (const role of roles) this.#join(account, role)
      return true
    },
    put: async ({ roles, ...user }) => {
      const account = this.#accounts.get(user.login) ?? this.#insert(user)
      account.passwordHash = user.passwordHash
      for (const role of roles) this.#join(account, role)
      return toUser(account)
    },
    create: async (user, grants) => {
      if (this.#accounts.has(user.login)) throw conflict({ login: user.login })
      const account = this.#insert(user)
      for (const grant of grants) add(this.#account(grant.login).grants, grant)
      return toUser(account)
    },
    change: async (login, { join = [], leave = [], ...change }: UserChange) => {
      const account = this.#account(login)
      if (leave.includes(superUsers)) this.#keepASuperUser(account)
      Object.assign(account, change)
      for (const role of join) this.#join(account, role)
      this.#leave(account, leave)
      return toUser(account)
    },
    remove: async (login, resource) => {
      this.#keepASuperUser(this.#account(login))
      this.#accounts.delete(login)
      for (const { grants } of [...this.#accounts.values(), ...this.#roles.values()]) grants.delete(resource)
    },
    list: async (role) => {
      const accounts = [...this.#accounts.values()].filter(({ roles }) => role === undefined || roles.has(role))
      return accounts.map(toUser).toSorted((left, right) => (left.login < right.login ? -1 : 1))
    },
    find: async (login) => {
      const account = this.#accounts.get(login)
      return account && { ...toUser(account), passwordHash: account.passwordHash }
    },
    findByToken: async (token) => {
      const account = [...this.#accounts.values()].find(({ tokens }) => tokens.has(token))
      return account && toUser(account)
    },
    addToken: async (login, _name, token) => void this.#accounts.get(login)?.tokens.add(token),
  }

  readonly roles: RoleStore = {
    list: async () => [...this.#roles.keys()].toSorted().map((id) => this.#toRole(id)),
    find: async (id) => (this.#roles.has(id) ? this.#toRole(id) : undefined),
    create: async (role: NewRole) => {
      if (this.#roles.has(role.id)) throw conflict({ role: role.id })
      this.#lastKey += 1
      this.#roles.set(role.id, { ...role, key: this.#lastKey, created, grants: new Map() })
      return this.#toRole(role.id)
    },
    change: async (id, change) => {
      this.#roles.set(id, { ...this.#role(id), ...change })
      return this.#toRole(id)
    },
    remove: async (id) => {
      this.#role(id)
      for (const account of this.#accounts.values()) this.#leave(account, [id])
      this.#roles.delete(id)
    },
    join: async (id, login) => {
      this.#role(id)
      this.#join(this.#account(login), id)
    },
    leave: async (id, login) => {
      this.#role(id)
      const account = this.#account(login)
      if (id === superUsers) this.#keepASuperUser(account)
      this.#leave(account, [id])
    },
    give: async (id, grant) => {
      add(this.#role(id).grants, grant)
      for (const account of this.#membersOf(id)) add(account.grants, grant)
    },
    take: async (id, { resource, operations }) => {
      const had = operations.filter((operation) => this.#role(id).grants.get(resource)?.has(operation))
      subtract(this.#role(id).grants, { resource, operations })
      for (const account of this.#membersOf(id)) this.#lose(account, { resource, operations: had })
    },
  }

  readonly grants: GrantStore = {
    list: async (resource) => {
      const used = new Set([...this.#accounts.values()].flatMap(({ grants }) => [...grants.keys()]))
      const wanted = [...used].filter((one) => resource === undefined || one === resource).toSorted()
      return wanted.map((one) => ({ key: this.#keyOf(one), created, resource: one, users: this.#usersOf(one) }))
    },
    give: async ({ login, ...grant }: UserGrant) => add(this.#account(login).grants, grant),
    take: async ({ login, ...grant }: UserGrant) => subtract(this.#account(login).grants, grant),
    permits: async (key, resources, operations) => {
      const account = [...this.#accounts.values()].find((one) => one.key === key)
      return resources.some((resource) =>
        operations.some((operation) => account?.grants.get(resource)?.has(operation) === true),
      )
    },
  }

  #insert(user: NewUser): Account {
    this.#lastKey += 1
    const account = {
      ...user,
      key: this.#lastKey,
      roles: new Set<string>(),
      grants: new Map(),
      tokens: new Set<string>(),
    }
    this.#accounts.set(user.login, account)
    return account
  }

  #account(login: string): Account {
    const account = this.#accounts.get(login)
    if (account === undefined) throw notFound({ login })
    return account
  }

  #role(id: string): StoredRole {
    const role = this.#roles.get(id)
    if (role === undefined) throw notFound({ role: id })
    return role
  }

  #membersOf(id: string): readonly Account[] {
    return [...this.#accounts.values()].filter(({ roles }) => roles.has(id))
  }

  #join(account: Account, id: string): void {
    const role = this.#roles.get(id)
    if (role === undefined) return
    account.roles.add(id)
    for (const [resource, operations] of role.grants) add(account.grants, { resource, operations: [...operations] })
  }

  #leave(account: Account, ids: readonly string[]): void {
    const left = ids.filter((id) => account.roles.delete(id))
    for (const [resource, operations] of left.flatMap((id) => [...this.#role(id).grants])) {
      this.#lose(account, { resource, operations: [...operations] })
    }
  }

  /** Takes what a role gave, but not what another role of the account gives. */
  #lose(account: Account, { resource, operations }: Grant): void {
    const kept = [...account.roles].flatMap((id) => [...(this.#role(id).grants.get(resource) ?? [])])
    subtract(account.grants, { resource, operations: operations.filter((operation) => !kept.includes(operation)) })
  }

  #keepASuperUser(account: Account): void {
    const members = this.#membersOf(superUsers)
    if (members.length === 1 && members[0] === account) throw lastSuperUser(account.login)
  }

  #keyOf(resource: string): number {
    const key = this.#keys.get(resource) ?? this.#keys.size + 1
    this.#keys.set(resource, key)
    return key
  }

  #usersOf(resource: string): Record<string, readonly Permission[]> {
    const holders = [...this.#accounts.values()].filter(({ grants }) => grants.has(resource))
    return Object.fromEntries(holders.map(({ login, grants }) => [login, inOrder(grants.get(resource))]))
  }

  #toRole(id: string): Role {
    const { grants, ...role } = this.#role(id)
    const users = this.#membersOf(id).map(({ login }) => login)
    const given = [...grants].map(([resource, operations]) => ({ resource, operations: inOrder(operations) }))
    const byResource = given.toSorted((left, right) => (left.resource < right.resource ? -1 : 1))
    return { ...role, users: users.toSorted(), grants: byResource }
  }
}

function toUser({ key, login, name, roles }: Account): User {
  return { key, created, login, name, roles: [...roles].toSorted() }
}

function inOrder(operations: Operations = new Set()): readonly Permission[] {
  return permissions.filter((operation) => operations.has(operation))
}

function add(grants: Grants, { resource, operations }: Grant): void {
  if (operations.length === 0) return
  grants.set(resource, new Set([...(grants.get(resource) ?? []), ...operations]))
}

function subtract(grants: Grants, { resource, operations }: Grant): void {
  const left = inOrder(grants.get(resource)).filter((operation) => !operations.includes(operation))
  if (left.length > 0) grants.set(resource, new Set(left))
  else grants.delete(resource)
}

function conflict(resources: Readonly<Record<string, string>>): DeckleError {
  return new DeckleError('conflict', 'exists already', { resources })
}
