import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { RancherServer } from '../../testing/rancher-server.ts'

let server: RancherServer

/** Projects 1a2 (Ann's) and 1a4 (nobody's), account 1a3 (Ann); each project has a host. */
before(async () => {
  server = await RancherServer.start()
  const { resources } = server
  await resources.create({ type: 'account', owner: null, name: 'ann', state: 'active', data: { kind: 'user' } })
  await resources.create({ type: 'project', owner: null, name: 'other', state: 'active', data: {} })
  for (const owner of [2, 4])
    await resources.create({ type: 'host', owner, name: `h${owner}`, state: 'active', data: {} })
  await resources.create({ type: 'project', owner: null, name: 'closed', state: 'inactive', data: {} })
  server.actors.set('admin', { role: 'admin', account: 1, project: null, name: 'root' })
  server.actors.set('ann', { role: 'user', account: 3, project: null, name: 'ann' })
  server.actors.set('key', { role: 'project', account: 2, project: 2, name: 'key' })
})
after(() => server.close())
beforeEach(() => {
  server.accessControl = true
})

const as = (authorization: string, more: Readonly<Record<string, string>> = {}) => ({ authorization, ...more })
const ids = async (target: string, headers: Readonly<Record<string, string>>) =>
  ((await server.get(target, headers)).json['data'] as JsonObject[]).map((one) => one['id'])

describe('Access control', () => {
  it('answers 401 with a challenge to nobody and to unknown keys (rancher-api §1.6)', async () => {
    for (const headers of [{}, as('Basic Tm9uZTpOb25l')]) {
      for (const target of ['/', '/v1', '/v1/schemas', '/v1/hosts/1h5', '/v1/nonsense', '/v1/projects/x/hosts']) {
        const answer = await server.get(target, headers)
        assert.deepEqual(
          [answer.status, answer.json['status'], answer.json['code']],
          [401, 401, 'Unauthorized'],
          target,
        )
        const realm = 'Basic realm="Enter API access key and secret key as username and password"'
        assert.equal(answer.headers['www-authenticate'], realm)
        assert.match(String(answer.headers['x-api-schemas']), /\/schemas$/)
        assert.equal(answer.headers['x-api-account-id'], undefined)
      }
    }
  })

  it('leaves the challenge out for who asks so', async () => {
    for (const headers of [{ 'x-api-no-challenge': 'true' }, { connection: 'Upgrade' }]) {
      const answer = await server.get('/v1', headers)
      assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, undefined])
    }
  })

  it('takes everybody for the admin when it is off, whatever they send', async () => {
    server.accessControl = false
    for (const headers of [{}, as('Basic Tm9uZTpOb25l'), as('Basic Og=='), as('nonsense')]) {
      const answer = await server.get('/v1', headers)
      assert.deepEqual([answer.status, answer.headers['x-api-account-id']], [200, '1a1'])
    }
    assert.equal((await server.post('/v1/pulltasks', { image: 'busybox' })).status, 201)
  })
})

describe('A role', () => {
  const expected: Readonly<Record<string, JsonObject>> = {
    admin: { pullTask: 'GET POST / GET PUT DELETE', image: 'GET / GET PUT', host: 'GET / GET PUT DELETE' },
    ann: { pullTask: 'GET / GET', image: 'GET / GET', project: 'GET POST / GET PUT DELETE', account: 'GET / GET' },
    key: {
      pullTask: 'GET POST / GET',
      image: 'GET / GET',
      registry: 'GET POST / GET PUT DELETE',
      host: 'GET / GET PUT DELETE',
    },
  }
  for (const [name, wanted] of Object.entries(expected)) {
    it(`has the methods that its schemas say: ${name}`, async () => {
      for (const [type, methods] of Object.entries(wanted)) {
        const { json } = await server.get(`/v1/schemas/${type}`, as(name))
        const [list, one] = [json['collectionMethods'], json['resourceMethods']] as string[][]
        assert.equal(`${list?.join(' ')} / ${one?.join(' ')}`, methods, type)
      }
    })
  }

  it('sees data and removeTime as an administrator only, but may always filter by them', async () => {
    for (const [name, seen] of [
      ['admin', true],
      ['ann', false],
      ['key', false],
    ] as const) {
      const { json } = await server.get('/v1/schemas/pulltask', as(name))
      assert.equal('removeTime' in (json['resourceFields'] as object), seen)
      assert.ok('removeTime' in (json['collectionFilters'] as object))
      assert.equal('data' in (await server.get('/v1/hosts/1h5', as(name))).json, seen)
    }
  })

  it('may be borrowed by administrators', async () => {
    const put = async (target: string, name: string) => {
      const { json } = await server.get(target, as(name))
      return (json['resourceMethods'] as string[]).includes('PUT')
    }
    assert.deepEqual(
      [await put('/v1/schemas/pulltask', 'admin'), await put('/v1/schemas/pulltask', 'ann')],
      [true, false],
    )
    assert.equal(await put('/v1/schemas/pulltask?_role=project', 'admin'), false)
    assert.equal(await put('/v1/schemas/pulltask?_role=admin', 'ann'), false)
    assert.equal((await server.get('/v1?_role=constructor', as('admin'))).status, 200)
  })

  it('may see plain ids as an administrator', async () => {
    assert.deepEqual(await ids('/v1/hosts?_plainId=true', as('admin')), ['5', '6'])
    assert.deepEqual(await ids('/v1/hosts?_plainId=true', as('key')), ['1h5'])
    assert.equal((await server.get('/v1/hosts/5?_plainId=true', as('admin'))).json['accountId'], '2')
    assert.equal((await server.get('/v1/hosts/5?_plainId=true', as('key'))).status, 404)
  })
})

describe('A scope', () => {
  it('shows what belongs to the caller', async () => {
    assert.deepEqual(await ids('/v1/hosts', as('admin')), ['1h5', '1h6'])
    assert.deepEqual(await ids('/v1/hosts', as('ann')), ['1h5'])
    assert.deepEqual(await ids('/v1/hosts', as('key')), ['1h5'])
    assert.deepEqual(await ids('/v1/accounts', as('ann')), ['1a2', '1a3'])
    assert.deepEqual(await ids('/v1/projects', as('ann')), ['1a2'])
    assert.deepEqual(await ids('/v1/accounts', as('key')), ['1a2'])
    assert.deepEqual(await ids('/v1/projects', as('admin')), ['1a2', '1a4', '1a7'])
  })

  it('hides by id what is somebody else’s', async () => {
    for (const name of ['ann', 'key']) {
      for (const target of ['/v1/hosts/1h6', '/v1/projects/1a4', '/v1/hosts/1h6/account', '/v1/accounts/1a1']) {
        assert.equal((await server.get(target, as(name))).status, 404, `${name} ${target}`)
      }
      assert.equal((await server.post('/v1/hosts/1h6/?action=deactivate', {}, as(name))).status, 404)
    }
  })

  it('is chosen by prefix, header or query, and a key’s own is all that it has', async () => {
    const inside = [
      '/v1/projects/1a4/hosts',
      '/v1/project/1x4/HOST',
      '/v2-beta//projects/1a4//hosts/',
      '/v1/hosts?projectId=1a4',
    ]
    for (const target of inside) assert.deepEqual(await ids(target, as('admin')), ['1h6'], target)
    assert.deepEqual(await ids('/v1/hosts', as('admin', { 'x-api-project-id': '1a4' })), ['1h6'])
    assert.deepEqual(await ids('/v1/projects/1a2/hosts', as('key')), await ids('/v1/hosts', as('key')))
    const answer = await server.get('/v1/projects/1a2/hosts', as('ann'))
    assert.equal(answer.headers['x-api-account-id'], '1a2')
  })

  it('is refused for a project that is not the caller’s, not active, or none', async () => {
    for (const [name, project] of [
      ['ann', '1a4'],
      ['key', '1a4'],
      ['admin', '1a7'],
      ['admin', '1a99'],
      ['admin', '1a1'],
      ['admin', '2'],
    ]) {
      const { status, json } = await server.get(`/v1/projects/${project}/hosts`, as(name ?? ''))
      assert.deepEqual([status, json['code']], [403, 'Forbidden'], `${name} ${project}`)
      assert.equal((await server.get('/v1/hosts', as(name ?? '', { 'x-api-project-id': project ?? '' }))).status, 403)
    }
  })
})

describe('URLs of an answer', () => {
  it('keep the prefix, and are lower-case all of them (rancher-api §1.1)', async () => {
    const base = `${server.origin}/v1/projects/1a2`
    assert.equal((await server.get('/v1/PROJECTS/1A2/Hosts/1H5', as('admin'))).json['id'], '1h5')
    const { json, headers } = await server.get('/v1/Projects/1A2/Hosts', as('admin'))
    const [host] = json['data'] as JsonObject[]
    assert.deepEqual(host?.['links'], { self: `${base}/hosts/1h5`, account: `${base}/hosts/1h5/account` })
    assert.deepEqual(host?.['actions'], {
      deactivate: `${base}/hosts/1h5/?action=deactivate`,
      update: `${base}/hosts/1h5/?action=update`,
    })
    assert.equal(headers['x-api-schemas'], `${base}/schemas`)
  })

  it('see the project itself from outside of it', async () => {
    for (const target of ['/v1/projects/1a2', '/v1/projects/1a2/', '/v1/projects/1a2/projectMembers']) {
      const { headers } = await server.get(target, as('admin'))
      assert.equal(headers['x-api-schemas'], `${server.origin}/v1/schemas`)
    }
  })

  const bases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ host: 'h:8080' }, 'http://h:8080'],
    [{ host: 'H.Example' }, 'http://h.example'],
    [{ host: 'h:80' }, 'http://h'],
    [{ host: 'h', 'x-forwarded-host': 'p.example' }, 'http://p.example'],
    [{ host: 'h:8080', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' }, 'https://h'],
    [{ host: 'h:8080', 'x-forwarded-proto': 'https', 'x-forwarded-port': '8443' }, 'https://h:8443'],
    [{ host: 'h', 'x-forwarded-host': 'p.example:81', 'x-forwarded-port': '80' }, 'http://p.example:81'],
    [{ host: 'h', 'x-forwarded-host': 'p.example, q', 'x-forwarded-proto': 'HTTPS,http' }, 'https://p.example'],
    [{ host: '[::1]:8080' }, 'http://[::1]:8080'],
    [{ host: 'h', 'x-forwarded-host': '"><script>' }, 'http://h'],
    [{ host: 'h', 'x-forwarded-proto': 'javascript' }, 'http://h'],
  ]
  for (const [headers, origin] of bases) {
    it(`begin with ${origin} for ${JSON.stringify(headers)}`, async () => {
      const answer = await server.get('/v1', as('admin', headers))
      assert.equal((answer.json['links'] as JsonObject)['self'], `${origin}/v1`)
      assert.equal(answer.headers['x-api-schemas'], `${origin}/v1/schemas`)
    })
  }
})

describe('Links', () => {
  it('lead to accounts, and to what names a resource, with what a new one of those is given', async () => {
    const registry = await server.resources.create({ type: 'registry', owner: 2, state: 'active', data: {} })
    const data = { registryId: registry.key, publicValue: 'me', sealedSecret: 'x' }
    const made = await server.resources.create({ type: 'registryCredential', owner: 2, state: 'active', data })
    await server.resources.create({ type: 'registryCredential', owner: 2, state: 'active', data: { registryId: 5 } })
    const base = `/v1/projects/1a2/registries/1sp${registry.key}`
    const { json } = await server.get(`${base}/credentials?include=registry`, as('ann'))
    const [one, ...others] = json['data'] as JsonObject[]
    assert.deepEqual([one?.['id'], others], [`1c${made.key}`, []])
    assert.deepEqual([one?.['registryId'], one?.['secretValue']], [`1sp${registry.key}`, null])
    assert.equal((one?.['registry'] as JsonObject | undefined)?.['type'], 'registry')
    assert.deepEqual(json['createDefaults'], { registryId: `1sp${registry.key}` })
    assert.ok(!JSON.stringify(json).includes('sealed'))
    const by = await ids(`/v1/registrycredentials?registryId=1sp${registry.key}`, as('key'))
    assert.deepEqual(by, [`1c${made.key}`])
    const account = await server.get(`${base}/account`, as('ann'))
    assert.deepEqual(
      [account.json['type'], account.json['baseType'], account.json['id']],
      ['project', 'account', '1a2'],
    )
    assert.deepEqual(await ids('/v1/accounts/1a2/hosts', as('ann')), ['1h5'])
  })

  it('lead from an image to its hosts, and from a pull task to each of its hosts', async () => {
    const image = await server.resources.create({ type: 'image', owner: 2, state: 'active', data: {} })
    const task = await server.resources.create({ type: 'pullTask', owner: 2, state: 'active', data: {} })
    server.rollouts.hosts.set(image.key, [5, 6])
    server.rollouts.statuses.set(task.key, { h2: 'Done' })
    server.rollouts.all.push({
      ...{ key: 77, task: task.key, host: 5, hostName: 'h2', phase: 'done', bytes: 5, totalBytes: null },
      ...{ layers: [{ id: 'a', bytes: 5, totalBytes: null, done: true }], digest: null, error: null, attempt: 1 },
      ...{ started: new Date('2015-11-18T21:03:11.900Z'), ended: null },
    })
    assert.deepEqual(await ids(`/v1/images/1i${image.key}/hosts`, as('key')), ['1h5'])
    const url = `/v1/pulltasks/1pt${task.key}`
    assert.deepEqual((await server.get(url, as('key'))).json['status'], { h2: 'Done' })
    const { json } = await server.get(`${url}/hostPulls`, as('key'))
    const [pull] = json['data'] as JsonObject[]
    assert.equal(pull?.['started'], '2015-11-18T21:03:11Z')
    const links = pull?.['links'] as Record<string, string>
    assert.deepEqual((await server.get(links['self'] ?? '', as('key'))).json, pull)
    assert.equal((await server.get(links['host'] ?? '', as('key'))).json['id'], '1h5')
    assert.equal((await server.get(`${url}/hostpulls/1hp78`, as('key'))).status, 404)
    const included = (await server.get(`${url}?include=hostpulls&include=account`, as('key'))).json
    assert.deepEqual([(included['hostPulls'] as JsonObject[]).length, 'account' in included], [1, false])
  })

  it('are left out where they lead nowhere, and where they cannot be followed', async () => {
    const host = await server.resources.create({ type: 'host', owner: null, state: 'active', data: {} })
    const url = `/v1/hosts/1h${host.key}`
    const { json } = await server.get(url, as('admin'))
    assert.deepEqual([json['accountId'], json['links']], [null, { self: server.origin + url }])
    assert.equal((await server.get(`${url}/account`, as('admin'))).status, 404)
  })

  it('tell what a base type can be made of', async () => {
    const { json } = await server.get('/v1/projects/1a2/credentials', as('ann'))
    const base = `${server.origin}/v1/projects/1a2`
    assert.deepEqual(json['createTypes'], {
      apiKey: `${base}/apikeys`,
      registrationToken: `${base}/registrationtokens`,
      registryCredential: `${base}/registrycredentials`,
    })
    assert.deepEqual((await server.get('/v1/credentials', as('ann'))).json['createTypes'], {
      apiKey: `${server.origin}/v1/apikeys`,
    })
  })

  it('tell how a host joins, with the address that was asked', async () => {
    const data = { token: 'ABC:1:x' }
    const { key } = await server.resources.create({ type: 'registrationToken', owner: 2, state: 'active', data })
    const { json } = await server.get(`/v1/registrationtokens/1c${key}`, as('key', { host: 'deckle.example' }))
    assert.equal(json['registrationUrl'], 'http://deckle.example/v1/scripts/ABC:1:x')
    assert.match(String(json['command']), /http:\/\/deckle\.example\/v1\/scripts\/ABC:1:x/)
  })

  it('show the keys of a register only to who names it', async () => {
    const row = { type: 'register', owner: 2, state: 'active', identity: 'k1', data: { accessKey: 'A' } } as const
    await server.resources.create(row)
    await server.resources.create({ ...row, identity: 'k2' })
    const [one, ...rest] = (await server.get('/v1/register?key=k1', as('key'))).json['data'] as JsonObject[]
    assert.deepEqual([one?.['key'], one?.['accessKey'], rest], ['k1', 'A', []])
    const all = (await server.get('/v1/register', as('key'))).json['data'] as JsonObject[]
    for (const each of all) assert.ok(!('accessKey' in each) && !('key' in each))
  })
})
