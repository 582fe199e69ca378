import assert from 'node:assert/strict'
import { it } from 'node:test'
import { superUsers } from '../core/user.ts'
import { PostgresUserStore } from '../database/users/postgres-user-store.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { Authenticator } from './authenticate.ts'
import { ensureAdmin, ensureLocalToken, type SecretFiles } from './first-start.ts'

function inMemory(): SecretFiles {
  const files = new Map<string, string>()
  return {
    async keep(name, secret) {
      const kept = files.get(name) ?? secret
      files.set(name, kept)
      return kept
    },
    remove: async (name) => void files.delete(name),
  }
}

function basic(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`
}

onEachDatabase('the first start', (fresh) => {
  it('generates a password once, which logs in; wrong ones and nothing do not', async () => {
    const users = new PostgresUserStore((await fresh.open()).database)
    const secrets = inMemory()
    const password = await ensureAdmin(users, secrets, undefined)
    assert.ok(password !== undefined && password.length >= 20)
    assert.equal(await ensureAdmin(users, secrets, undefined), undefined)
    const authenticator = new Authenticator(users)
    const user = await authenticator.authenticate(basic('admin', password))
    assert.deepEqual([user.login, user.roles], ['admin', ['super-users']])
    for (const header of [undefined, basic('admin', 'admin'), basic('nobody', password), 'Bearer x', 'Digest x']) {
      await assert.rejects(authenticator.authenticate(header), { kind: 'unauthenticated' })
    }
  })

  it('of several processes at once generates one password, whether they share their files or not', async () => {
    for (const shared of [true, false]) {
      const users = new PostgresUserStore((await fresh.open()).database)
      const common = inMemory()
      const files = Array.from({ length: 4 }, () => (shared ? common : inMemory()))
      const passwords = await Promise.all(files.map((secrets) => ensureAdmin(users, secrets, undefined)))
      const [password, ...others] = passwords.filter((made) => made !== undefined)
      assert.deepEqual(others, [])
      assert.equal((await new Authenticator(users).authenticate(basic('admin', password ?? ''))).login, 'admin')
      const kept = await Promise.all(files.map((secrets) => secrets.keep('admin-password', 'none')))
      assert.equal(kept.filter((text) => text === password).length, shared ? 4 : 1)
      assert.ok(kept.every((text) => text === password || text === 'none'))
    }
  })

  it('leaves admin deleted while somebody else is a super-user', async () => {
    const users = new PostgresUserStore((await fresh.open()).database)
    const secrets = inMemory()
    await ensureAdmin(users, secrets, undefined)
    await users.add({ login: 'root', name: 'root', passwordHash: null, roles: [superUsers] })
    await users.remove('admin', '/v2/users/admin/')
    assert.equal(await ensureAdmin(users, secrets, undefined), undefined)
    assert.equal(await users.find('admin'), undefined)
  })

  it('takes the password that was set, and a later one in its place', async () => {
    const users = new PostgresUserStore((await fresh.open()).database)
    assert.equal(await ensureAdmin(users, inMemory(), 'first'), undefined)
    await ensureAdmin(users, inMemory(), 'second')
    const authenticator = new Authenticator(users)
    await assert.rejects(authenticator.authenticate(basic('admin', 'first')), { kind: 'unauthenticated' })
    assert.equal((await authenticator.authenticate(`${basic('admin', 'second')}, Basic`)).login, 'admin')
  })

  it('gives the local command line a token that stays the same', async () => {
    const users = new PostgresUserStore((await fresh.open()).database)
    const secrets = inMemory()
    await ensureAdmin(users, secrets, 'x')
    const token = await ensureLocalToken(users, secrets)
    assert.equal(await ensureLocalToken(users, secrets), token)
    assert.equal((await new Authenticator(users).authenticate(`Bearer ${token}`)).login, 'admin')
  })
})
