import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import { MemoryAccess } from '../testing/memory-access.ts'
import { Authenticator } from './authenticate.ts'
import { hashPassword } from './passwords.ts'

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`
const refused = { kind: 'unauthenticated' }

describe('Authentication', () => {
  it('ends at once, in every process, with the user, its password or its token', async () => {
    const { users } = new MemoryAccess()
    const [here, there] = [new Authenticator(users), new Authenticator(users)]
    await users.create({ login: 'ann', name: 'Ann', passwordHash: await hashPassword('one') }, [])
    await users.addToken('ann', 'script', sha256Hex('token'))
    for (const authenticator of [here, there]) {
      assert.equal((await authenticator.authenticate(basic('ann:one'))).name, 'Ann')
      assert.equal((await authenticator.authenticate('Bearer token')).login, 'ann')
    }
    await users.change('ann', { passwordHash: await hashPassword('two') })
    for (const authenticator of [here, there]) {
      await assert.rejects(authenticator.authenticate(basic('ann:one')), refused)
      assert.equal((await authenticator.authenticate(basic('ann:two'))).login, 'ann')
    }
    await users.remove('ann', '/v2/users/ann/')
    for (const authenticator of [here, there]) {
      await assert.rejects(authenticator.authenticate(basic('ann:two')), refused)
      await assert.rejects(authenticator.authenticate('Bearer token'), refused)
    }
  })

  it('tells the roles of the moment', async () => {
    const { users, roles } = new MemoryAccess()
    const authenticator = new Authenticator(users)
    await users.create({ login: 'ann', name: 'Ann', passwordHash: await hashPassword('one') }, [])
    await roles.create({ id: 'keepers', displayName: 'Keepers', description: null })
    const rolesNow = async () => (await authenticator.authenticate(basic('ann:one'))).roles
    assert.deepEqual(await rolesNow(), [])
    await roles.join('keepers', 'ann')
    assert.deepEqual(await rolesNow(), ['keepers'])
  })

  it('looks for nobody whose name no database can hold', async () => {
    const { users } = new MemoryAccess()
    const find = (login: string) => Promise.reject(new Error(`asked for ${JSON.stringify(login)}`))
    const authenticator = new Authenticator(Object.assign(users, { find }))
    for (const credentials of ['\0:x', 'ann\0:one', '\0']) {
      await assert.rejects(authenticator.authenticate(basic(credentials)), refused)
    }
  })

  it('lets no password fit a user who has none', async () => {
    const { users } = new MemoryAccess()
    const authenticator = new Authenticator(users)
    await users.create({ login: 'ann', name: 'Ann', passwordHash: null }, [])
    for (const password of ['', 'null', 'ann']) {
      await assert.rejects(authenticator.authenticate(basic(`ann:${password}`)), refused)
    }
  })
})
