import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { RancherServer } from '../../testing/rancher-server.ts'

/** What real servers were recorded to answer (rancher-api §1, §3.3, §4); `h` is where it was. Ours may have more, never other. */

const versions: JsonObject = {
  ...{ type: 'collection', resourceType: 'apiVersion', links: { self: 'h/', latest: 'h/v2-beta' } },
  ...{ createTypes: {}, actions: {}, sortLinks: {}, pagination: null, sort: null, filters: {}, createDefaults: {} },
  data: [{ id: 'v1', type: 'apiVersion', links: { self: 'h/v1' }, actions: {} }],
}

const allText = { modifiers: ['eq', 'ne', 'prefix', 'like', 'notlike', 'null', 'notnull'] }
const output = { input: null, output: 'genericObject' }
const base = 'h/v1/projects/1a2'

const pullTaskSchema: JsonObject = {
  ...{ id: 'pullTask', type: 'schema', actions: {}, pluralName: 'pullTasks' },
  links: { self: `${base}/schemas/pulltask`, collection: `${base}/pulltasks` },
  resourceFields: {
    image: { type: 'string', description: null, create: true, update: false, required: true, readOnCreateOnly: false },
    mode: {
      ...{ type: 'enum', description: null, create: true, update: false, required: true, readOnCreateOnly: false },
      ...{ options: ['all', 'cached'], default: 'all' },
    },
    name: {
      ...{ type: 'string', description: null, create: true, update: true, nullable: true, readOnCreateOnly: false },
      maxLength: 255,
    },
  },
  collectionFilters: { name: allText, state: { modifiers: ['eq', 'ne', 'null', 'notnull'] } },
  includeableLinks: ['account'],
  resourceActions: {
    ...{ activate: output, create: output, deactivate: output, purge: output },
    ...{ remove: output, restore: output, update: output },
  },
  ...{ collectionActions: {}, collectionFields: {}, collectionMethods: ['GET', 'POST'], resourceMethods: ['GET'] },
}

const pullTask: JsonObject = {
  ...{ id: '1pt3', type: 'pullTask', baseType: 'genericObject', name: null, state: 'registering', accountId: '1a2' },
  links: { self: `${base}/pulltasks/1pt3`, account: `${base}/pulltasks/1pt3/account` },
  actions: {
    activate: `${base}/pulltasks/1pt3/?action=activate`,
    remove: `${base}/pulltasks/1pt3/?action=remove`,
  },
  ...{ created: '2015-11-18T21:03:11Z', createdTS: 1447880591000, description: null, image: 'docker:busybox:1.24' },
  labels: { 'io.rancher.scheduler.affinity:host_label': 'zone=eu' },
  ...{ kind: 'pullTask', mode: 'all', removed: null, status: null, transitioning: 'yes' },
  ...{ transitioningMessage: 'In Progress', transitioningProgress: null, uuid: '7f8a6a5d-6b3e-4f0c-9b0e-0d6f4f0d2c11' },
}

const image: JsonObject = {
  ...{ id: '1i4', type: 'image', baseType: 'image', name: 'busybox:1.24', state: 'active', accountId: '1a2' },
  links: { self: `${base}/images/1i4`, account: `${base}/images/1i4/account` },
  actions: {
    deactivate: `${base}/images/1i4/?action=deactivate`,
    update: `${base}/images/1i4/?action=update`,
  },
  ...{ created: '2015-11-18T21:03:11Z', createdTS: 1447880591000, description: null, kind: 'image', removed: null },
  ...{ transitioning: 'no', transitioningMessage: null, transitioningProgress: null, uuid: 'x' },
}

const host: JsonObject = {
  ...{ id: '1h5', type: 'host', baseType: 'host', name: 'host1', state: 'active', accountId: '1a2', agentState: null },
  ...{ computeTotal: 1000000, hostname: 'host1.example.com', info: {}, kind: 'docker', labels: { zone: 'eu' } },
  ...{ physicalHostId: null, publicEndpoints: null, created: '2015-11-18T20:00:00Z', createdTS: 1447876800000 },
}

/** Varying text and numbers are held by their kind only. */
const varying = new Set(['created', 'createdTS', 'uuid'])

/** Everything of `sample` is in `got`, in the same order of members, equal. */
function assertLike(got: Json | undefined, sample: Json, path: string): void {
  if (Array.isArray(sample)) {
    assert.ok(Array.isArray(got), path)
    for (const [index, item] of sample.entries()) assertLike(got[index], item, `${path}[${index}]`)
  } else if (isJsonObject(sample)) {
    assert.ok(isJsonObject(got), path)
    for (const [key, item] of Object.entries(sample)) {
      if (varying.has(key)) assert.equal(typeof got[key], typeof item, `${path}.${key}`)
      else assertLike(got[key], item, `${path}.${key}`)
    }
  } else assert.deepEqual(got, sample, path)
}

async function withServer(use: (server: RancherServer, get: (target: string) => Promise<JsonObject>) => Promise<void>) {
  await using server = await RancherServer.start()
  const get = async (target: string) => JSON.parse((await server.get(target)).text.replaceAll(server.origin, 'h'))
  await use(server, get)
}

describe('The recorded answers', () => {
  it('are those of the versions', () =>
    withServer(async (_server, get) => {
      assertLike(await get('/'), versions, '/')
      const { links, ...rest } = await get('/v1')
      assert.deepEqual(rest, { id: 'v1', type: 'apiVersion', actions: {} })
      const sample = {
        accounts: 'h/v1/accounts',
        hosts: 'h/v1/hosts',
        images: 'h/v1/images',
        projects: 'h/v1/projects',
      }
      assertLike(links, { ...sample, pullTasks: 'h/v1/pulltasks', schemas: 'h/v1/schemas', self: 'h/v1' }, 'links')
      assert.deepEqual(Object.keys(links as object), Object.keys(links as object).toSorted())
    }))

  it('are those of schemas', () =>
    withServer(async (_server, get) => {
      const schema = await get('/v1/projects/1a2/schemas/PULLTASK')
      assertLike(schema, pullTaskSchema, 'pullTask')
      assert.deepEqual(Object.keys(schema), Object.keys({ id: 0, type: 0, links: 0, ...pullTaskSchema }))
      const ours = ['hostIds', 'parallelism', 'pullPolicy', 'retries', 'timeoutSeconds']
      const fields = Object.keys(schema['resourceFields'] as object).filter((name) => !ours.includes(name))
      assert.equal(fields.length, 16)
      const all = await get('/v1/projects/1a2/schemas')
      assert.deepEqual([all['resourceType'], all['pagination']], ['schema', null])
      assert.deepEqual(
        (all['data'] as JsonObject[]).find((one) => one['id'] === 'pullTask'),
        schema,
      )
      const imageSchema = await get('/v1/projects/1a2/schemas/image')
      assert.equal(Object.keys(imageSchema['resourceFields'] as object).length, 12)
      assert.deepEqual([imageSchema['collectionMethods'], imageSchema['resourceMethods']], [['GET'], ['GET']])
      const filters = 'accountId created description id key kind name removeTime removed state uuid'
      assert.equal(Object.keys(schema['collectionFilters'] as object).join(' '), filters)
    }))

  it('are those of a pull task, in their order', () =>
    withServer(async (server, get) => {
      const { labels, image: named } = pullTask
      const made = await server.post('/v1/projects/1a2/pulltasks', { image: named ?? '', labels: labels ?? {} })
      assert.equal(made.status, 201)
      const task = JSON.parse(made.text.replaceAll(server.origin, 'h'))
      assertLike(task, pullTask, 'pullTask')
      const [first, rest] = [Object.keys(task).slice(0, 7), Object.keys(task).slice(7)]
      assert.deepEqual(first, ['id', 'type', 'links', 'actions', 'baseType', 'name', 'state'])
      assert.deepEqual(rest, rest.toSorted())
      assert.deepEqual(await get('/v1/projects/1a2/pulltasks/1pt3'), task)
      assert.ok(!('removedTS' in task))
    }))

  it('are those of images and hosts', () =>
    withServer(async (server, get) => {
      await server.resources.create({ type: 'pullTask', owner: 2, state: 'active', data: {} })
      await server.resources.create({ type: 'image', owner: 2, name: 'busybox:1.24', state: 'active', data: {} })
      const data = { computeTotal: 1000000, hostname: 'host1.example.com', info: {}, labels: { zone: 'eu' } }
      await server.resources.create({ type: 'host', owner: 2, name: 'host1', state: 'active', data })
      assertLike(await get('/v1/projects/1a2/images/1i4'), image, 'image')
      assertLike(await get('/v1/projects/1a2/hosts/1h5'), host, 'host')
    }))

  it('are those of a collection', () =>
    withServer(async (_server, get) => {
      const list = await get('/v1/projects/1a2/pulltasks')
      const keys = [
        'type',
        'resourceType',
        'links',
        'createTypes',
        'actions',
        'data',
        'sortLinks',
        'pagination',
        'sort',
      ]
      assert.deepEqual(Object.keys(list), [...keys, 'filters', 'createDefaults'])
      const nothing = { accountId: null, created: null, description: null, id: null, key: null, kind: null, name: null }
      assert.deepEqual(list['filters'], { ...nothing, removeTime: null, removed: null, state: null, uuid: null })
      const pagination = { first: null, previous: null, next: null, limit: 100, total: null, partial: false }
      assertLike(
        list,
        {
          ...{
            type: 'collection',
            resourceType: 'pullTask',
            links: { self: `${base}/pulltasks` },
            data: [],
            pagination,
          },
          sortLinks: { accountId: `${base}/pulltasks?sort=accountId`, created: `${base}/pulltasks?sort=created` },
          ...{ createTypes: {}, actions: {}, sort: null, createDefaults: {} },
        },
        'list',
      )
    }))

  it('have the headers of all', () =>
    withServer(async (server) => {
      const { headers } = await server.get('/v1/projects/1a2/nonsense')
      assert.equal(headers['x-api-schemas'], `${server.origin}/v1/projects/1a2/schemas`)
      assert.equal(headers['x-api-account-id'], '1a2')
      assert.equal(headers['x-api-client-ip'], '127.0.0.1')
      assert.equal(headers.expires, 'Thu, 01 Jan 1970 00:00:00 GMT')
      assert.equal(headers.vary, 'Accept-Encoding, User-Agent')
    }))
})
