import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { scopedServer } from '../../testing/scoped-server.ts'

const server = scopedServer()
const as = (authorization: string, more: Readonly<Record<string, string>> = {}) => ({ authorization, ...more })
const ids = async (target: string, headers: Readonly<Record<string, string>>) =>
  ((await server().get(target, headers)).json['data'] as JsonObject[]).map((one) => one['id'])

describe('Access control', () => {
  it('answers 401 with a challenge to nobody and to unknown keys (rancher-api §1.6)', async () => {
    for (const headers of [{}, as('Basic Tm9uZTpOb25l')]) {
      for (const target of ['/', '/v1', '/v1/schemas', '/v1/hosts/1h5', '/v1/nonsense', '/v1/projects/x/hosts']) {
        const answer = await server().get(target, headers)
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
      const answer = await server().get('/v1', headers)
      assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, undefined])
    }
  })

  it('takes everybody for the admin when it is off, whatever they send', async () => {
    server().accessControl = false
    for (const headers of [{}, as('Basic Tm9uZTpOb25l'), as('Basic Og=='), as('nonsense')]) {
      const answer = await server().get('/v1', headers)
      assert.deepEqual([answer.status, answer.headers['x-api-account-id']], [200, '1a1'])
    }
    assert.equal((await server().post('/v1/pulltasks', { image: 'busybox' })).status, 201)
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
        const { json } = await server().get(`/v1/schemas/${type}`, as(name))
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
      const { json } = await server().get('/v1/schemas/pulltask', as(name))
      assert.equal('removeTime' in (json['resourceFields'] as object), seen)
      assert.ok('removeTime' in (json['collectionFilters'] as object))
      assert.equal('data' in (await server().get('/v1/hosts/1h5', as(name))).json, seen)
    }
  })

  it('may be borrowed by administrators', async () => {
    const put = async (target: string, name: string) => {
      const { json } = await server().get(target, as(name))
      return (json['resourceMethods'] as string[]).includes('PUT')
    }
    assert.deepEqual(
      [await put('/v1/schemas/pulltask', 'admin'), await put('/v1/schemas/pulltask', 'ann')],
      [true, false],
    )
    assert.equal(await put('/v1/schemas/pulltask?_role=project', 'admin'), false)
    assert.equal(await put('/v1/schemas/pulltask?_role=admin', 'ann'), false)
    assert.equal((await server().get('/v1?_role=constructor', as('admin'))).status, 200)
  })

  it('may see plain ids as an administrator', async () => {
    assert.deepEqual(await ids('/v1/hosts?_plainId=true', as('admin')), ['5', '6'])
    assert.deepEqual(await ids('/v1/hosts?_plainId=true', as('key')), ['1h5'])
    assert.equal((await server().get('/v1/hosts/5?_plainId=true', as('admin'))).json['accountId'], '2')
    assert.equal((await server().get('/v1/hosts/5?_plainId=true', as('key'))).status, 404)
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
        assert.equal((await server().get(target, as(name))).status, 404, `${name} ${target}`)
      }
      assert.equal((await server().post('/v1/hosts/1h6/?action=deactivate', {}, as(name))).status, 404)
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
    const answer = await server().get('/v1/projects/1a2/hosts', as('ann'))
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
      const { status, json } = await server().get(`/v1/projects/${project}/hosts`, as(name ?? ''))
      assert.deepEqual([status, json['code']], [403, 'Forbidden'], `${name} ${project}`)
      assert.equal((await server().get('/v1/hosts', as(name ?? '', { 'x-api-project-id': project ?? '' }))).status, 403)
    }
  })
})

describe('URLs of an answer', () => {
  it('keep the prefix, and are lower-case all of them (rancher-api §1.1)', async () => {
    const base = `${server().origin}/v1/projects/1a2`
    assert.equal((await server().get('/v1/PROJECTS/1A2/Hosts/1H5', as('admin'))).json['id'], '1h5')
    const { json, headers } = await server().get('/v1/Projects/1A2/Hosts', as('admin'))
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
      const { headers } = await server().get(target, as('admin'))
      assert.equal(headers['x-api-schemas'], `${server().origin}/v1/schemas`)
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
      const answer = await server().get('/v1', as('admin', headers))
      assert.equal((answer.json['links'] as JsonObject)['self'], `${origin}/v1`)
      assert.equal(answer.headers['x-api-schemas'], `${origin}/v1/schemas`)
    })
  }
})
