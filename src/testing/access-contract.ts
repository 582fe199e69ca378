import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { GrantStore, Permission } from '../core/permission.ts'
import type { RoleStore } from '../core/role.ts'
import { superUsers, type UserStore } from '../core/user.ts'

export interface AccessStores {
  readonly users: UserStore
  readonly roles: RoleStore
  readonly grants: GrantStore
}

/** What stores of users, roles and grants promise together. `make` gives new ones without users. */
export function accessContract(make: () => Promise<AccessStores>): void {
  proofs(make)
  lists(make)
  memberships(make)
  lastSuperUser(make)
  missing(make)
}

type Make = () => Promise<AccessStores>

const zoo = '/v2/repositories/zoo/'
const user = (login: string) => ({ login, name: login, passwordHash: null })

/** Stores with a super-user `root` and the users `ann` and `bob`. */
async function peopled(make: Make): Promise<AccessStores> {
  const stores = await make()
  await stores.users.add({ ...user('root'), roles: [superUsers] })
  for (const login of ['ann', 'bob']) await stores.users.create(user(login), [])
  return stores
}

async function mayOf({ users, grants }: AccessStores, login: string, resource = zoo) {
  const found = await users.find(login)
  const wanted: readonly Permission[] = ['create', 'read', 'update', 'delete', 'execute']
  const may = await Promise.all(wanted.map((one) => grants.permits(found?.key ?? 0, [resource], [one])))
  return wanted.filter((_, index) => may[index] === true)
}

function proofs(make: Make): void {
  it('keep what proves a user, and end it with the user', async () => {
    const { users } = await peopled(make)
    const token = 'ab'.repeat(32)
    await users.change('ann', { passwordHash: 'hash', name: 'Ann' })
    await users.addToken('ann', 'script', token)
    const found = await users.find('ann')
    assert.deepEqual([found?.name, found?.passwordHash], ['Ann', 'hash'])
    assert.equal((await users.find('bob'))?.passwordHash, null)
    assert.equal((await users.findByToken(token))?.login, 'ann')
    await users.remove('ann', '/v2/users/ann/')
    assert.deepEqual([await users.find('ann'), await users.findByToken(token)], [undefined, undefined])
    await users.create(user('ann'), [])
    assert.equal(await users.findByToken(token), undefined)
  })
}

function lists(make: Make): void {
  it('list users, roles and grants, and what is empty no more', async () => {
    const { users, roles, grants } = await peopled(make)
    assert.deepEqual(
      (await users.list()).map(({ login }) => login),
      ['ann', 'bob', 'root'],
    )
    assert.deepEqual(
      (await users.list(superUsers)).map(({ login }) => login),
      ['root'],
    )
    const role = await roles.create({ id: 'keepers', displayName: 'Keepers', description: null })
    assert.deepEqual([role.users, role.grants, role.displayName], [[], [], 'Keepers'])
    assert.deepEqual((await roles.change('keepers', { description: 'of the zoo' })).description, 'of the zoo')
    assert.deepEqual(
      (await roles.list()).map(({ id }) => id),
      ['keepers', superUsers],
    )
    await grants.give({ login: 'ann', resource: zoo, operations: ['execute', 'read'] })
    const [all, one] = [await grants.list(), await grants.list(zoo)]
    assert.deepEqual(
      all.map(({ resource }) => resource),
      ['/', zoo],
    )
    assert.deepEqual(
      one.map((entry) => entry.users),
      [{ ann: ['read', 'execute'] }],
    )
    await grants.take({ login: 'ann', resource: zoo, operations: ['read', 'execute', 'delete'] })
    assert.deepEqual([await grants.list(zoo), await grants.list('/v2/')], [[], []])
  })

  it('give nothing where no operation is named', async () => {
    const stores = await peopled(make)
    await stores.grants.give({ login: 'ann', resource: zoo, operations: [] })
    await stores.roles.create({ id: 'r', displayName: 'r', description: null })
    await stores.roles.give('r', { resource: zoo, operations: [] })
    assert.deepEqual([await stores.grants.list(zoo), (await stores.roles.find('r'))?.grants], [[], []])
  })
}

function memberships(make: Make): void {
  it('give members what their role gives, before and after they join', async () => {
    const stores = await peopled(make)
    await stores.roles.create({ id: 'r', displayName: 'r', description: null })
    await stores.roles.give('r', { resource: zoo, operations: ['read'] })
    await stores.roles.join('r', 'ann')
    await stores.users.change('bob', { join: ['r', 'no such role'] })
    await stores.roles.give('r', { resource: zoo, operations: ['execute'] })
    for (const login of ['ann', 'bob']) assert.deepEqual(await mayOf(stores, login), ['read', 'execute'])
    await stores.roles.take('r', { resource: zoo, operations: ['execute'] })
    assert.deepEqual(await mayOf(stores, 'ann'), ['read'])
    await stores.roles.leave('r', 'ann')
    await stores.users.change('bob', { leave: ['r'] })
    for (const login of ['ann', 'bob']) assert.deepEqual(await mayOf(stores, login), [])
  })

  it('leave what another role gives', async () => {
    const stores = await peopled(make)
    for (const id of ['r', 's']) {
      await stores.roles.create({ id, displayName: id, description: null })
      await stores.roles.give(id, { resource: zoo, operations: id === 'r' ? ['read', 'update'] : ['read', 'delete'] })
      await stores.roles.join(id, 'ann')
      await stores.roles.join(id, 'bob')
    }
    await stores.roles.take('r', { resource: zoo, operations: ['read'] })
    assert.deepEqual(await mayOf(stores, 'ann'), ['read', 'update', 'delete'])
    await stores.roles.leave('r', 'ann')
    assert.deepEqual(await mayOf(stores, 'ann'), ['read', 'delete'])
    await stores.roles.remove('s')
    assert.deepEqual([await mayOf(stores, 'ann'), await mayOf(stores, 'bob')], [[], ['update']])
    assert.deepEqual((await stores.users.find('bob'))?.roles, ['r'])
  })

  it('take from a user what a role gave when it is revoked from the user', async () => {
    const stores = await peopled(make)
    await stores.roles.create({ id: 'r', displayName: 'r', description: null })
    await stores.roles.give('r', { resource: zoo, operations: ['read'] })
    await stores.roles.join('r', 'ann')
    await stores.grants.take({ login: 'ann', resource: zoo, operations: ['read'] })
    assert.deepEqual(await mayOf(stores, 'ann'), [])
  })

  it('make a user with grants to it and to others, and take them all away with it', async () => {
    const stores = await peopled(make)
    const own = '/v2/users/cid/'
    await stores.users.create(user('cid'), [
      { login: 'cid', resource: own, operations: ['read'] },
      { login: 'ann', resource: own, operations: ['delete'] },
      { login: 'cid', resource: zoo, operations: ['read'] },
    ])
    assert.deepEqual(await mayOf(stores, 'cid', own), ['read'])
    assert.deepEqual(await mayOf(stores, 'ann', own), ['delete'])
    await stores.users.remove('cid', own)
    assert.deepEqual(
      (await stores.grants.list()).map(({ resource }) => resource),
      ['/'],
    )
  })
}

function lastSuperUser(make: Make): void {
  it('keep the last super-user, whichever way it would go', async () => {
    const { users, roles, grants } = await peopled(make)
    const refused = { kind: 'invalid', message: /root is the last member/ }
    await assert.rejects(users.remove('root', '/v2/users/root/'), refused)
    await assert.rejects(users.change('root', { name: 'x', leave: [superUsers] }), refused)
    await assert.rejects(roles.leave(superUsers, 'root'), refused)
    assert.deepEqual([(await users.find('root'))?.name, (await grants.list('/')).length], ['root', 1])
    await roles.leave(superUsers, 'ann')
    await roles.join(superUsers, 'ann')
    await roles.leave(superUsers, 'root')
    assert.deepEqual(
      (await users.list(superUsers)).map(({ login }) => login),
      ['ann'],
    )
    assert.deepEqual(
      (await grants.list('/')).map((entry) => Object.keys(entry.users)),
      [['ann']],
    )
  })

  it('keep one of two super-users who go at the same time', async () => {
    const { users, roles } = await peopled(make)
    await roles.join(superUsers, 'ann')
    const ends = await Promise.allSettled([roles.leave(superUsers, 'ann'), users.remove('root', '/v2/users/root/')])
    assert.equal((await users.list(superUsers)).length, 1)
    assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  })
}

function missing(make: Make): void {
  it('say what is not there, and what is there already', async () => {
    const { users, roles, grants } = await peopled(make)
    const noUser = { kind: 'not-found', details: { resources: { login: 'nobody' } } }
    const noRole = { kind: 'not-found', details: { resources: { role: 'none' } } }
    const grant = { resource: zoo, operations: ['read'] as const }
    await assert.rejects(users.change('nobody', {}), noUser)
    await assert.rejects(users.remove('nobody', zoo), noUser)
    await assert.rejects(grants.give({ ...grant, login: 'nobody' }), noUser)
    await assert.rejects(grants.take({ ...grant, login: 'nobody' }), noUser)
    await assert.rejects(roles.join(superUsers, 'nobody'), noUser)
    await assert.rejects(roles.leave(superUsers, 'nobody'), noUser)
    await assert.rejects(roles.join('none', 'ann'), noRole)
    await assert.rejects(roles.leave('none', 'ann'), noRole)
    await assert.rejects(roles.remove('none'), noRole)
    await assert.rejects(roles.change('none', {}), noRole)
    await assert.rejects(roles.give('none', grant), noRole)
    await assert.rejects(roles.take('none', grant), noRole)
    await assert.rejects(users.create(user('ann'), []), { kind: 'conflict', details: { resources: { login: 'ann' } } })
    const role = { id: superUsers, displayName: 'x', description: null }
    await assert.rejects(roles.create(role), { kind: 'conflict', details: { resources: { role: superUsers } } })
    assert.equal(await users.add({ ...user('ann'), roles: [superUsers] }), false)
    assert.deepEqual((await users.find('ann'))?.roles, [])
  })
}
