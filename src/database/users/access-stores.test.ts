import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { levelsOf, type Permission, permissions, userResource } from '../../core/permission.ts'
import { superUsers } from '../../core/user.ts'
import { type AccessStores, accessContract } from '../../testing/access-contract.ts'
import { type FreshDatabases, onEachDatabase } from '../../testing/databases.ts'
import { MemoryAccess } from '../../testing/memory-access.ts'
import type { Database } from '../connection.ts'
import { PostgresGrantStore } from './postgres-grant-store.ts'
import { PostgresRoleStore } from './postgres-role-store.ts'
import { PostgresUserStore } from './postgres-user-store.ts'

const numRuns = process.env['DECKLE_TEST_LONG'] === '1' ? 500 : 15

function storesOf(database: Database): AccessStores {
  return {
    users: new PostgresUserStore(database),
    roles: new PostgresRoleStore(database),
    grants: new PostgresGrantStore(database),
  }
}

describe('Stores of users, roles and grants in memory', () => {
  accessContract(async () => new MemoryAccess())
})

onEachDatabase('Stores of users, roles and grants', (fresh) => {
  accessContract(async () => storesOf((await fresh.open()).database))
  agreement(fresh)
})

const logins = ['ann', 'bob', 'cid']
const roles = ['r', 's', 't']
const segment = fc.constantFrom('v2', 'repositories', 'zoo', 'a', 'a%b', "o'x", 'ü')
const resource = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.map((part) => `${part}/`).join('')}`)
/** Not everything: that is what the super-users keep. */
const below = resource.filter((path) => path !== '/')
const operations = fc.subarray([...permissions])
const grant = fc.record({ resource, operations })
const login = fc.constantFrom(...logins)
const role = fc.constantFrom(...roles)

/** One change each; those of what is not there fail the same way everywhere. */
const change = fc.oneof(
  grantChange('give', (stores, who, what) => stores.grants.give({ ...what, login: who })),
  grantChange('take', (stores, who, what) => stores.grants.take({ ...what, login: who })),
  fc.tuple(role, grant).map(([id, what]) => act(`role ${id} gives`, (stores) => stores.roles.give(id, what), what)),
  fc.tuple(role, grant).map(([id, what]) => act(`role ${id} takes`, (stores) => stores.roles.take(id, what), what)),
  fc.tuple(role, login).map(([id, who]) => act(`${who} joins ${id}`, (stores) => stores.roles.join(id, who))),
  fc.tuple(role, login).map(([id, who]) => act(`${who} leaves ${id}`, (stores) => stores.roles.leave(id, who))),
  role.map((id) => act(`role ${id} goes`, (stores) => stores.roles.remove(id))),
  role.map((id) => act(`role ${id} comes`, (stores) => addRole(stores, id))),
  fc.tuple(login, below).map(([who, what]) => act(`${who} goes`, (stores) => stores.users.remove(who, what), what)),
  fc.tuple(login, grant).map(([who, what]) => act(`${who} comes`, (stores) => addUser(stores, who, what), what)),
  fc
    .tuple(login, fc.subarray(roles), fc.subarray(roles))
    .map(([who, join, leave]) =>
      act(`${who} changes`, (stores) => stores.users.change(who, { join, leave }), { join, leave }),
    ),
)

interface Act {
  run(stores: AccessStores): Promise<unknown>
  toString(): string
}

function act(name: string, run: Act['run'], details: unknown = ''): Act {
  return { run, toString: () => `${name} ${JSON.stringify(details)}` }
}

function grantChange(
  name: string,
  run: (stores: AccessStores, login: string, grant: { resource: string; operations: Permission[] }) => Promise<void>,
) {
  return fc.tuple(login, grant).map(([who, what]) => act(`${name} ${who}`, (stores) => run(stores, who, what), what))
}

function addRole(stores: AccessStores, id: string) {
  return stores.roles.create({ id, displayName: id, description: null })
}

function addUser(stores: AccessStores, name: string, what: { resource: string; operations: Permission[] }) {
  return stores.users.create({ login: name, name, passwordHash: null }, [{ ...what, login: name }])
}

/** What came of it, without what differs by nature. */
async function outcome(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'done',
    (error: Error) => ('kind' in error ? String(error.kind) : (error.stack ?? error.message)),
  )
}

function agreement(fresh: FreshDatabases): void {
  it('agree with the plain model on everything, after any changes, for any path', async () => {
    const stores = storesOf((await fresh.open()).database)
    await stores.users.add({ login: 'root', name: 'root', passwordHash: null, roles: [superUsers] })
    const acts = fc.array(change, { minLength: 10, maxLength: 40 })
    const paths = fc.array(resource, { minLength: 5, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(acts, paths, async (steps, resources) => {
        const model = new MemoryAccess()
        await model.users.add({ login: 'root', name: 'root', passwordHash: null, roles: [superUsers] })
        await clear(stores)
        for (const each of [stores, model]) {
          for (const id of roles) await addRole(each, id)
          for (const name of logins) await addUser(each, name, { resource: '/', operations: [] })
        }
        for (const step of steps) {
          assert.equal(await outcome(step.run(stores)), await outcome(step.run(model)), String(step))
        }
        assert.deepEqual(await shown(stores), await shown(model))
        for (const path of resources) assert.deepEqual(await allowed(stores, path), await allowed(model, path), path)
      }),
      { numRuns },
    )
  })
}

async function clear(stores: AccessStores): Promise<void> {
  for (const { login: one } of await stores.users.list())
    if (one !== 'root') await stores.users.remove(one, userResource(one))
  for (const { id } of await stores.roles.list()) if (id !== superUsers) await stores.roles.remove(id)
}

async function shown({ users, roles: store, grants }: AccessStores) {
  const withoutKey = <Item extends { key: number; created: Date }>({ key, created, ...rest }: Item) => rest
  return [
    (await users.list()).map(withoutKey),
    (await store.list()).map(withoutKey),
    (await grants.list()).map(withoutKey),
  ]
}

/** Every operation that each user may do on the path, by the rule of levels. */
async function allowed({ users, grants }: AccessStores, path: string) {
  const all = (await users.list()).flatMap((one) => permissions.map((operation) => ({ one, operation })))
  const may = await Promise.all(all.map(({ one, operation }) => grants.permits(one.key, levelsOf(path), [operation])))
  return all.filter((_, index) => may[index]).map(({ one, operation }) => `${one.login} ${operation}`)
}
