import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { scopedServer } from '../../testing/scoped-server.ts'

const server = scopedServer()
const as = (authorization: string, more: Readonly<Record<string, string>> = {}) => ({ authorization, ...more })
const ids = async (target: string, headers: Readonly<Record<string, string>>) =>
  ((await server().get(target, headers)).json['data'] as JsonObject[]).map((one) => one['id'])

describe('Links', () => {
  it('lead to accounts, and to what names a resource, with what a new one of those is given', async () => {
    const registry = await server().resources.create({ type: 'registry', owner: 2, state: 'active', data: {} })
    const data = { registryId: registry.key, publicValue: 'me', sealedSecret: 'x' }
    const made = await server().resources.create({ type: 'registryCredential', owner: 2, state: 'active', data })
    await server().resources.create({ type: 'registryCredential', owner: 2, state: 'active', data: { registryId: 5 } })
    const base = `/v1/projects/1a2/registries/1sp${registry.key}`
    const { json } = await server().get(`${base}/credentials?include=registry`, as('ann'))
    const [one, ...others] = json['data'] as JsonObject[]
    assert.deepEqual([one?.['id'], others], [`1c${made.key}`, []])
    assert.deepEqual([one?.['registryId'], one?.['secretValue']], [`1sp${registry.key}`, null])
    assert.equal((one?.['registry'] as JsonObject | undefined)?.['type'], 'registry')
    assert.deepEqual(json['createDefaults'], { registryId: `1sp${registry.key}` })
    assert.ok(!JSON.stringify(json).includes('sealed'))
    const by = await ids(`/v1/registrycredentials?registryId=1sp${registry.key}`, as('key'))
    assert.deepEqual(by, [`1c${made.key}`])
    const account = await server().get(`${base}/account`, as('ann'))
    assert.deepEqual(
      [account.json['type'], account.json['baseType'], account.json['id']],
      ['project', 'account', '1a2'],
    )
    assert.deepEqual(await ids('/v1/accounts/1a2/hosts', as('ann')), ['1h5'])
  })

  it('lead from an image to its hosts, and from a pull task to each of its hosts', async () => {
    const image = await server().resources.create({ type: 'image', owner: 2, state: 'active', data: {} })
    const task = await server().resources.create({ type: 'pullTask', owner: 2, state: 'active', data: {} })
    server().rollouts.hosts.set(image.key, [5, 6])
    server().rollouts.statuses.set(task.key, { h2: 'Done' })
    server().rollouts.all.push({
      ...{ key: 77, task: task.key, host: 5, hostName: 'h2', phase: 'done', bytes: 5, totalBytes: null },
      ...{ layers: [{ id: 'a', bytes: 5, totalBytes: null, done: true }], digest: null, error: null, attempt: 1 },
      ...{ started: new Date('2015-11-18T21:03:11.900Z'), ended: null },
    })
    assert.deepEqual(await ids(`/v1/images/1i${image.key}/hosts`, as('key')), ['1h5'])
    const url = `/v1/pulltasks/1pt${task.key}`
    assert.deepEqual((await server().get(url, as('key'))).json['status'], { h2: 'Done' })
    const { json } = await server().get(`${url}/hostPulls`, as('key'))
    const [pull] = json['data'] as JsonObject[]
    assert.equal(pull?.['started'], '2015-11-18T21:03:11Z')
    const links = pull?.['links'] as Record<string, string>
    assert.deepEqual((await server().get(links['self'] ?? '', as('key'))).json, pull)
    assert.equal((await server().get(links['host'] ?? '', as('key'))).json['id'], '1h5')
    assert.equal((await server().get(`${url}/hostpulls/1hp78`, as('key'))).status, 404)
    const included = (await server().get(`${url}?include=hostpulls&include=account`, as('key'))).json
    assert.deepEqual([(included['hostPulls'] as JsonObject[]).length, 'account' in included], [1, false])
  })

  it('are left out where they lead nowhere, and where they cannot be followed', async () => {
    const host = await server().resources.create({ type: 'host', owner: null, state: 'active', data: {} })
    const url = `/v1/hosts/1h${host.key}`
    const { json } = await server().get(url, as('admin'))
    assert.deepEqual([json['accountId'], json['links']], [null, { self: server().origin + url }])
    assert.equal((await server().get(`${url}/account`, as('admin'))).status, 404)
  })

  it('tell what a base type can be made of', async () => {
    const { json } = await server().get('/v1/projects/1a2/credentials', as('ann'))
    const base = `${server().origin}/v1/projects/1a2`
    assert.deepEqual(json['createTypes'], {
      apiKey: `${base}/apikeys`,
      registrationToken: `${base}/registrationtokens`,
      registryCredential: `${base}/registrycredentials`,
    })
    assert.deepEqual((await server().get('/v1/credentials', as('ann'))).json['createTypes'], {
      apiKey: `${server().origin}/v1/apikeys`,
    })
  })

  it('tell how a host joins, with the address that was asked', async () => {
    const data = { token: 'ABC:1:x' }
    const { key } = await server().resources.create({ type: 'registrationToken', owner: 2, state: 'active', data })
    const { json } = await server().get(`/v1/registrationtokens/1c${key}`, as('key', { host: 'deckle.example' }))
    assert.equal(json['registrationUrl'], 'http://deckle.example/v1/scripts/ABC:1:x')
    assert.match(String(json['command']), /http:\/\/deckle\.example\/v1\/scripts\/ABC:1:x/)
  })

  it('show the keys of a register only to who names it', async () => {
    const row = { type: 'register', owner: 2, state: 'active', identity: 'k1', data: { accessKey: 'A' } } as const
    await server().resources.create(row)
    await server().resources.create({ ...row, identity: 'k2' })
    const [one, ...rest] = (await server().get('/v1/register?key=k1', as('key'))).json['data'] as JsonObject[]
    assert.deepEqual([one?.['key'], one?.['accessKey'], rest], ['k1', 'A', []])
    const all = (await server().get('/v1/register', as('key'))).json['data'] as JsonObject[]
    for (const each of all) assert.ok(!('accessKey' in each) && !('key' in each))
  })
})
