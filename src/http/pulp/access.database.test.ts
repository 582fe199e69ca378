import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { silentLog } from '../../core/log.ts'
import { superUsers } from '../../core/user.ts'
import { hashPassword } from '../../operations/passwords.ts'
import { compose } from '../../server/compose.ts'
import { readConfig } from '../../server/config.ts'
import { pulpServices } from '../../server/pulp-services.ts'
import { type FreshDatabases, onOneDatabase } from '../../testing/databases.ts'
import { callApi } from '../../testing/pulp-server.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { createPulpApi } from './pulp-api.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Two servers on one database, and the user admin. */
async function openTwo(fresh: FreshDatabases) {
  const { url } = await fresh.open()
  const servers = [await openServer(url), await openServer(url)] as const
  const passwordHash = await hashPassword('right')
  await servers[0].users.put({ login: 'admin', name: 'admin', passwordHash, roles: [superUsers] })
  return servers
}

async function openServer(url: string) {
  const config = readConfig({ DECKLE_DATA_DIR: await temporaryFolder() })
  const services = await compose(config, url, silentLog, 4)
  after(() => services.opened.close())
  const app = createPulpApi(pulpServices(services, config), { log: silentLog })
  after(() => app.close())
  const callAs = (credentials: string) => (method: Method, target: string, body?: unknown) =>
    callApi(app, method, target, body, { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` })
  return { users: services.users, callAs, admin: callAs('admin:right') }
}

const may = (login: string, resource: string, ...operations: string[]) => ({ login, resource, operations })

onOneDatabase('Users on a database', (fresh) => {
  it('may only sync and publish one repository, if that is what they were allowed', async () => {
    const [{ admin, callAs }] = await openTwo(fresh)
    for (const id of ['zoo', 'farm']) {
      const distributors = [{ distributor_id: 'web', distributor_type_id: 'iso_distributor', distributor_config: {} }]
      const importer = { importer_type_id: 'iso_importer', importer_config: { feed: 'http://127.0.0.1:1/' } }
      assert.equal((await admin('POST', 'repositories/', { id, ...importer, distributors })).status, 201)
    }
    assert.equal((await admin('POST', 'users/', { login: 'robot', password: 'pw' })).status, 201)
    for (const grant of [
      may('robot', '/v2/repositories/zoo/', 'READ'),
      may('robot', '/v2/repositories/zoo/actions/sync/', 'EXECUTE'),
      may('robot', '/v2/repositories/zoo/actions/publish/', 'EXECUTE'),
      may('robot', '/v2/tasks/', 'READ'),
    ]) {
      assert.equal((await admin('POST', 'permissions/actions/grant_to_user/', grant)).status, 200)
    }
    const robot = callAs('robot:pw')
    const allowed: readonly [Method, string, unknown?][] = [
      ['GET', 'repositories/zoo/'],
      ['POST', 'repositories/zoo/actions/sync/', {}],
      ['POST', 'repositories/zoo/actions/publish/', { id: 'web' }],
      ['GET', 'tasks/'],
      ['GET', 'users/robot/'],
    ]
    for (const [method, path, body] of allowed) {
      assert.ok([200, 202].includes((await robot(method, path, body)).status), `${method} ${path}`)
    }
    const refused: readonly [Method, string, unknown?][] = [
      ['GET', 'repositories/'],
      ['GET', 'repositories/farm/'],
      ['POST', 'repositories/farm/actions/sync/', {}],
      ['POST', 'repositories/zoo/actions/download/', {}],
      ['PUT', 'repositories/zoo/', {}],
      ['DELETE', 'repositories/zoo/'],
      ['GET', 'users/'],
      ['PUT', 'users/robot/', { delta: { roles: ['super-users'] } }],
      ['POST', 'permissions/actions/grant_to_user/', may('robot', '/', 'READ')],
    ]
    for (const [method, path, body] of refused) {
      const { status, json } = await robot(method, path, body)
      assert.deepEqual([status, json.error.code], [401, 'PLP0026'], `${method} ${path}`)
    }
  })

  it('lose with the next call what they lost on another server', async () => {
    const [here, there] = await openTwo(fresh)
    await here.admin('POST', 'users/', { login: 'ann', password: 'one' })
    await here.admin('POST', 'roles/', { role_id: 'readers' })
    const grant = { role_id: 'readers', resource: '/v2/repositories/', operations: ['READ'] }
    await here.admin('POST', 'permissions/actions/grant_to_role/', grant)
    await here.admin('POST', 'roles/readers/users/', { login: 'ann' })
    const answers = async (password: string) => {
      const { status, json } = await there.callAs(`ann:${password}`)('GET', 'repositories/')
      return status === 200 ? 200 : json.error.code
    }
    assert.equal(await answers('one'), 200)
    await here.admin('DELETE', 'roles/readers/users/ann/')
    assert.equal(await answers('one'), 'PLP0026')
    await here.admin('PUT', 'users/ann/', { delta: { roles: ['readers'], password: 'two' } })
    assert.deepEqual([await answers('one'), await answers('two')], ['PLP0030', 200])
    await here.admin('POST', 'permissions/actions/revoke_from_role/', grant)
    assert.equal(await answers('two'), 'PLP0026')
    await here.admin('DELETE', 'users/ann/')
    assert.equal(await answers('two'), 'PLP0030')
  })
})
