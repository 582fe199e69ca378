import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import type { RancherResource } from '../src/wire/rancher/resource.ts'
import { adminPassword } from './support/deckle-server.ts'
import { GdapiClient } from './support/gdapi-client.ts'
import { adminClient, asAdmin, basic, newKey, projectClient, projectKey } from './support/rancher-servers.ts'
import { rejects, walkPullTasks } from './support/rancher-walk.ts'
import { sharedServer } from './support/servers.ts'

const browser = { 'user-agent': 'Mozilla/5.0 (X11)', accept: 'text/html,*/*;q=0.8' }

onOneDatabase('the Rancher API with access control', (fresh) => {
  const server = sharedServer(fresh)

  describe('with the API key of a project', () => walkPullTasks(() => projectClient(server()), { isAdmin: false }))

  describe('under v2-beta', () => walkPullTasks(() => projectClient(server(), 'v2-beta'), { isAdmin: false }))

  describe('with the administrator of Deckle', () => walkPullTasks(() => adminClient(server()), { isAdmin: true }))

  describe('with the administrator inside a project', () => {
    walkPullTasks(() => inProject(), { isAdmin: false })
  })

  async function inProject(): Promise<GdapiClient> {
    const key = await adminClient(server())
    const [project] = (await key.list('project')).data
    return GdapiClient.start(`${project?.links['self']}/schemas`, { authorization: asAdmin })
  }

  test('challenges who brings no credentials or wrong ones', async () => {
    const { url } = server()
    for (const authorization of [undefined, basic('None', 'None'), basic('admin', 'wrong'), 'Bearer nothing']) {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await fetch(`${url}/v1/pulltasks`, { headers })
      const body = (await answer.json()) as RancherResource
      assert.deepEqual([answer.status, body.type, body['status'], body['code']], [401, 'error', 401, 'Unauthorized'])
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm="Enter API access key and secret key/)
      assert.equal(answer.headers.get('x-api-schemas'), `${url}/v1/schemas`)
    }
    const quiet = await fetch(`${url}/v1`, { headers: { 'x-api-no-challenge': 'true' } })
    assert.deepEqual([quiet.status, quiet.headers.get('www-authenticate')], [401, null])
    await rejects(GdapiClient.start(`${url}/v1`), 401, { code: 'Unauthorized' })
  })

  test('lets in who has the token of the command line', async () => {
    const token = (await readFile(join(server().dataDir, 'cli-token'), 'utf8')).trim()
    const gdapi = await GdapiClient.start(`${server().url}/v1`, { authorization: `Bearer ${token}` })
    assert.equal((await gdapi.list('project')).data[0]?.id, '1a5')
  })

  test('shows the project to its key at both addresses, and keeps the prefix in all links', async () => {
    const authorization = await projectKey(server())
    const plain = await GdapiClient.start(`${server().url}/v1`, { authorization })
    assert.equal(plain.last.headers.get('x-api-account-id'), '1a5')
    const prefixed = await GdapiClient.start(`${server().url}/v1/projects/1a5/schemas`, { authorization })
    const task = await prefixed.waitSuccess(await prefixed.create('pullTask', { image: 'busybox' }))
    const base = `${server().url}/v1/projects/1a5/`
    for (const link of [...Object.values(task.links), ...Object.values(task.actions)]) {
      assert.ok(link.startsWith(`${base}pulltasks/${task.id}`), link)
    }
    assert.equal(prefixed.last.headers.get('x-api-schemas'), `${base}schemas`)
    const same = await plain.byId('pullTask', task.id)
    assert.equal(same?.['uuid'], task['uuid'])
    assert.equal(same?.links['self'], `${server().url}/v1/pulltasks/${task.id}`)
  })

  test('keeps projects apart', async () => {
    const admin = await adminClient(server())
    const other = await admin.waitSuccess(await admin.create('project', { name: 'Other' }))
    const authorization = await newKey(admin, { accountId: other.id })
    const theirs = await GdapiClient.start(`${server().url}/v1`, { authorization })
    const ours = await projectClient(server())
    const task = await ours.waitSuccess(await ours.create('pullTask', { image: 'busybox' }))
    assert.equal(await theirs.byId('pullTask', task.id), undefined)
    assert.deepEqual((await theirs.list('pullTask')).data, [])
    await rejects(GdapiClient.start(`${server().url}/v1/projects/1a5/schemas`, { authorization }), 403, {
      code: 'Forbidden',
    })
  })

  test('takes the key of an account into its projects', async () => {
    const admin = await adminClient(server())
    const authorization = await newKey(admin)
    const account = await GdapiClient.start(`${server().url}/v1`, { authorization })
    const [project] = (await account.list('project')).data
    const inside = await GdapiClient.start(`${project?.links['self']}/schemas`, { authorization })
    assert.equal((await inside.create('pullTask', { image: 'busybox' }))['accountId'], project?.id)
  })

  test('tells the secret of a key once, and never again', async () => {
    const gdapi = await projectClient(server())
    const made = await gdapi.create('apiKey', { name: 'once' })
    assert.deepEqual([String(made['publicValue']).length, String(made['secretValue']).length], [20, 40])
    const key = await gdapi.waitSuccess(made)
    assert.deepEqual([key['publicValue'], key['secretValue']], [made['publicValue'], null])
    const authorization = basic(String(made['publicValue']), String(made['secretValue']))
    await GdapiClient.start(`${server().url}/v1`, { authorization })
    await gdapi.waitSuccess(await gdapi.act(key, 'deactivate'))
    await rejects(GdapiClient.start(`${server().url}/v1`, { authorization }), 401, { code: 'Unauthorized' })
  })

  test('keeps registries and what logs in there, but does not show the password', async () => {
    const gdapi = await projectClient(server())
    const registry = await gdapi.waitSuccess(await gdapi.create('registry', { serverAddress: 'quay.io' }))
    await rejects(gdapi.create('registry', { serverAddress: 'QUAY.io' }), 400, { code: 'ServerAddressUsed' })
    const login = { registryId: registry.id, email: 'a@example.com', publicValue: 'alice', secretValue: 's3cret' }
    const made = await gdapi.create('registryCredential', login)
    assert.deepEqual([made['publicValue'], made['secretValue'], made['registryId']], ['alice', null, registry.id])
    const credentials = await gdapi.followList(registry, 'credentials')
    assert.deepEqual(
      credentials.data.map(({ id }) => id),
      [made.id],
    )
    await rejects(gdapi.create('registryCredential', { ...login, registryId: '1sp99999' }), 422, {
      ...{ code: 'InvalidReference', fieldName: 'registryId' },
    })
  })

  test('lets an administrator rename a pull task', async () => {
    const admin = await adminClient(server())
    const task = await admin.waitSuccess(await admin.create('pullTask', { image: 'busybox' }))
    assert.equal((await admin.update(task, { name: 'renamed', image: 'other' }))['name'], 'renamed')
    assert.equal((await admin.reload(task))['image'], 'busybox')
  })

  test('shows browsers a page with the answer inside, also for errors', async () => {
    const { url } = server()
    const headers = { ...browser, authorization: asAdmin }
    for (const [path, status] of [
      ['/v1', 200],
      ['/v1/pulltasks/1pt99999', 404],
    ] as const) {
      const page = await fetch(`${url}${path}`, { headers })
      const text = await page.text()
      assert.deepEqual([page.status, page.headers.get('content-type')], [status, 'text/html; charset=utf-8'])
      assert.ok(text.includes(`var schemas = ${JSON.stringify(`${url}/v1/schemas`).replaceAll('/', '\\/')}`), text)
      assert.match(text, /var data = \{/)
    }
    const json = await fetch(`${url}/v1?_format=json`, { headers })
    assert.equal(json.headers.get('content-type'), 'application/json; charset=utf-8')
  })

  test('takes no writing request of a browser without the token of its cookie', async () => {
    const { url } = server()
    const first = await fetch(`${url}/v1`, { headers: { ...browser, authorization: asAdmin } })
    const token = first.headers.getSetCookie().flatMap((cookie) => /^CSRF=([0-9A-F]{10});/.exec(cookie)?.[1] ?? [])[0]
    assert.ok(token !== undefined)
    const post = (more: Readonly<Record<string, string>>) => {
      const headers = {
        ...browser,
        accept: 'application/json',
        authorization: asAdmin,
        cookie: `CSRF=${token}`,
        ...more,
      }
      return fetch(`${url}/v1/pulltasks`, { method: 'POST', headers, body: '{"image":"busybox"}' })
    }
    const refused = await post({})
    assert.deepEqual([refused.status, ((await refused.json()) as RancherResource)['code']], [403, 'InvalidCSRFToken'])
    assert.equal((await post({ 'x-api-csrf': token })).status, 201)
  })
})

onOneDatabase('the Rancher API without access control', (fresh) => {
  const server = sharedServer(fresh, () => ({ DECKLE_RANCHER_ACCESS_CONTROL: 'off' }))

  describe('without credentials', () => walkPullTasks(() => GdapiClient.start(`${server().url}/v1`), { isAdmin: true }))

  describe('with wrong ones', () => {
    const authorization = basic('nobody', adminPassword)
    walkPullTasks(() => GdapiClient.start(`${server().url}/v1`, { authorization }), { isAdmin: true })
  })

  test('says on every answer where the schemas are, also where there is nothing', async () => {
    const { url } = server()
    for (const [path, status, schemas] of [
      ['/', 200, '/v2-beta/schemas'],
      ['/v1', 200, '/v1/schemas'],
      ['/v1/', 200, '/v1/schemas'],
      ['/v1/schemas', 200, '/v1/schemas'],
      ['/v1/PullTask', 200, '/v1/schemas'],
      ['/v1/nothing', 404, '/v1/schemas'],
      ['/v1/pulltasks/1pt99999', 404, '/v1/schemas'],
      ['/v1/projects/1a5', 200, '/v1/schemas'],
      ['/v1/projects/1a5/pulltasks', 200, '/v1/projects/1a5/schemas'],
    ] as const) {
      const answer = await fetch(`${url}${path}`, { headers: { accept: 'application/json' } })
      assert.deepEqual([path, answer.status], [path, status])
      assert.equal(answer.headers.get('x-api-schemas'), `${url}${schemas}`, path)
      assert.equal(answer.headers.get('x-api-account-id'), path.includes('1a5/') ? '1a5' : '1a1', path)
      assert.equal(typeof (await answer.json()), 'object')
    }
  })

  test('leads from the list of versions to every type', async () => {
    const { url } = server()
    const gdapi = await GdapiClient.start(`${url}/v1`)
    const versions = await gdapi.visit(`${url}/`)
    const found = versions['data'] as unknown as RancherResource[]
    assert.deepEqual(found.map(({ id }) => id).sort(), ['v1', 'v2-beta'])
    for (const { links } of found) {
      const version = await gdapi.visit(links['self'] ?? '')
      for (const [name, link] of Object.entries(version['links'] as Record<string, string>)) {
        if (name !== 'self') assert.equal((await gdapi.visit(link))['type'], 'collection', link)
      }
    }
  })
})
