import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RancherResource } from '../../src/wire/rancher/resource.ts'
import { type Conditions, type Fields, type GdapiClient, GdapiError, NotOffered } from './gdapi-client.ts'

/** What may differ from one way of entering to another. */
export interface Entrance {
  /** A PUT of a pull task's name is for administrators (rancher-api §7). */
  readonly isAdmin: boolean
}

let made = 0
const unique = (name: string) => `${name}-${process.pid}-${++made}`

/** Declares what a client library finds in rancher-api §6.3, points 2 to 4 and 6 to 9, however it came in. */
export function walkPullTasks(client: () => Promise<GdapiClient>, { isAdmin }: Entrance): void {
  test('finds the schemas of pull tasks and images as the written pages have them', async () => {
    const { schemas } = await client()
    const task = schemas.get('pullTask')
    const image = schemas.get('image')
    assert.ok(task !== undefined && image !== undefined)
    const lacking = (fields: readonly string[], schema: typeof task) =>
      fields.filter((field) => schema.resourceFields[field] === undefined)
    assert.deepEqual(lacking([...common, 'image', 'labels', 'mode', 'status'], task), [])
    assert.deepEqual(lacking(common, image), [])
    assert.deepEqual(task.collectionMethods, ['GET', 'POST'])
    assert.deepEqual(task.resourceMethods, isAdmin ? ['GET', 'PUT', 'DELETE'] : ['GET'])
    assert.deepEqual([image.collectionMethods, image.resourceMethods[0]], [['GET'], 'GET'])
    const { mode, image: name, labels } = task.resourceFields
    assert.deepEqual([mode?.['options'], mode?.['default'], mode?.['required']], [['all', 'cached'], 'all', true])
    assert.deepEqual([name?.['required'], labels?.['required']], [true, undefined])
    for (const action of ['activate', 'deactivate', 'purge', 'remove', 'restore']) {
      assert.deepEqual(task.resourceActions[action], { input: null, output: 'genericObject' })
      assert.deepEqual(image.resourceActions[action], { input: null, output: 'image' })
    }
  })

  test('creates a pull task, which ends active without a host', async () => {
    const gdapi = await client()
    const task = await gdapi.create('pullTask', { image: 'busybox' })
    assert.equal(gdapi.last.status, 201)
    assert.match(task.id, /^1pt\d+$/)
    assert.deepEqual(pick(task, ['type', 'kind', 'mode', 'image', 'transitioning']), {
      ...{ type: 'pullTask', kind: 'pullTask', mode: 'all', image: 'busybox', transitioning: 'yes' },
    })
    assert.ok(['registering', 'activating'].includes(String(task['state'])))
    assert.match(String(task['uuid']), /^[0-9a-f-]{36}$/)
    assert.equal(typeof task['createdTS'], 'number')
    assert.equal(new Date(Number(task['createdTS'])).toISOString().replace('.000', ''), task['created'])
    assert.equal('removedTS' in task, false)
    const done = await gdapi.waitSuccess(task)
    assert.deepEqual(pick(done, ['state', 'status', 'transitioningMessage', 'transitioningProgress']), {
      ...{ state: 'active', status: {}, transitioningMessage: null, transitioningProgress: null },
    })
  })

  test('says which field is wrong, and how', async () => {
    const gdapi = await client()
    const image = 'busybox'
    const wrong: readonly (readonly [Fields, string, string])[] = [
      [{}, 'MissingRequired', 'image'],
      [{ image: null }, 'NotNullable', 'image'],
      [{ image, mode: 'bogus' }, 'InvalidOption', 'mode'],
      [{ image, labels: 'x' }, 'InvalidFormat', 'labels'],
      [{ image, labels: ['x'] }, 'InvalidFormat', 'labels'],
      [{ image, name: 'x'.repeat(256) }, 'MaxLengthExceeded', 'name'],
    ]
    for (const [fields, code, fieldName] of wrong) {
      await rejects(gdapi.create('pullTask', fields), 422, { code, fieldName })
    }
    const lenient = await gdapi.create('pullTask', { image: '', labels: { n: 5 }, status: {}, id: '1pt1', bogus: 1 })
    assert.deepEqual([lenient['image'], lenient['labels'], lenient['bogus']], ['', { n: '5' }, undefined])
    assert.notEqual(lenient.id, '1pt1')
  })

  test('takes a pull task through its life, and offers in each state what is possible there', async () => {
    const gdapi = await client()
    let task = await gdapi.waitSuccess(await gdapi.create('pullTask', { image: 'busybox' }))
    const goOn = async (action: string, transition: string, state: string, actions: readonly string[]) => {
      const begun = await gdapi.act(task, action)
      assert.deepEqual([gdapi.last.status, begun['state'], begun['transitioning']], [202, transition, 'yes'])
      task = await gdapi.waitSuccess(begun)
      assert.deepEqual([task['state'], Object.keys(task.actions).sort()], [state, actions])
    }
    assert.deepEqual(Object.keys(task.actions).sort(), ['deactivate', 'update'])
    await goOn('deactivate', 'deactivating', 'inactive', ['activate', 'remove', 'update'])
    await goOn('activate', 'activating', 'active', ['deactivate', 'update'])
    const active = task
    await goOn('deactivate', 'deactivating', 'inactive', ['activate', 'remove', 'update'])
    await rejects(gdapi.act(active, 'deactivate'), 422, { code: 'ActionNotAvailable', fieldName: 'action' })
    await goOn('remove', 'removing', 'removed', ['purge', 'restore'])
    assert.equal(typeof task['removedTS'], 'number')
    await goOn('restore', 'restoring', 'inactive', ['activate', 'remove', 'update'])
    assert.equal(task['removed'], null)
    await goOn('remove', 'removing', 'removed', ['purge', 'restore'])
    await goOn('purge', 'purging', 'purged', [])
    assert.equal(typeof task['removed'], 'string')
    const unknown = {
      ...active,
      actions: { dance: active.actions['deactivate']?.replace('deactivate', 'dance') ?? '' },
    }
    await rejects(gdapi.act(unknown, 'dance'), 422, { code: 'InvalidAction', fieldName: 'action' })
  })

  test('refuses what the schemas do not offer, and has nothing where there is nothing', async () => {
    const gdapi = await client()
    const task = await gdapi.waitSuccess(await gdapi.create('pullTask', { image: 'busybox' }))
    await assert.rejects(gdapi.create('image', { name: 'x' }), NotOffered)
    if (!isAdmin) await assert.rejects(gdapi.update(task, { name: 'x' }), NotOffered)
    await rejects(gdapi.delete(task), 405, { code: 'Method not allowed' })
    assert.equal(await gdapi.byId('pullTask', '1pt999999'), undefined)
    assert.equal(await gdapi.byId('pullTask', '5'), undefined)
    assert.equal(await gdapi.byId('image', 'no-id'), undefined)
  })

  test('lists what the conditions say, in order, page by page', async () => {
    const gdapi = await client()
    const names = ['b', 'a', 'c'].map(unique)
    const description = unique('listed')
    const tasks: RancherResource[] = []
    for (const name of names) tasks.push(await gdapi.create('pullTask', { image: 'x', name, description }))
    for (const task of tasks) await gdapi.waitSuccess(task)
    const list = async (conditions: Conditions) =>
      (await gdapi.list('pullTask', { description, ...conditions })).data.map(({ name }) => name)
    const [b, a, c] = names
    assert.deepEqual(await list({}), names)
    assert.deepEqual(await list({ name: a ?? '' }), [a])
    assert.deepEqual(await list({ name_ne: a ?? '' }), [b, c])
    assert.deepEqual(await list({ name_prefix: 'c-' }), [c])
    assert.deepEqual(await list({ name_like: 'b-%' }), [b])
    assert.deepEqual(await list({ state_ne: 'active' }), [])
    assert.deepEqual(await list({ removed_null: 'true', bogus: 'x', image: 'y' }), names)
    assert.deepEqual(await list({ removed_notnull: '' }), [])
    assert.deepEqual(await list({ id: tasks[1]?.id ?? '' }), [a])
    assert.deepEqual(await list({ sort: 'name' }), [a, b, c])
    assert.deepEqual(await list({ sort: 'name', order: 'DESC' }), [c, b, a])
    assert.deepEqual(await list({ sort: 'image' }), names)

    const first = await gdapi.list('pullTask', { description, sort: 'name', limit: 2 })
    const second = await gdapi.next(first)
    assert.deepEqual(
      [first, second].flatMap((page) => page?.data.map(({ name }) => name) ?? []),
      [a, b, c],
    )
    assert.deepEqual(
      [first.pagination?.limit, first.pagination?.partial, second?.pagination?.partial],
      [2, true, false],
    )
    assert.equal(second && (await gdapi.next(second)), undefined)
    assert.deepEqual(first.filters['description'], [{ value: description, modifier: 'eq' }])
    assert.deepEqual([first.filters['name'], first.sort?.order], [null, 'asc'])
    const reverse = await gdapi.visit(first.sort?.reverse ?? '')
    assert.deepEqual(
      (reverse['data'] as unknown as RancherResource[]).map(({ name }) => name),
      [c, b],
    )
    const sorted = await gdapi.visit(first.sortLinks['created'] ?? '')
    assert.deepEqual(
      (sorted['data'] as unknown as RancherResource[]).map(({ name }) => name),
      [b, a],
    )
    const limits = [
      [5000, 1000],
      [0, 1000],
      [-1, 1000],
      ['x', 100],
      [7, 7],
    ] as const
    for (const [limit, used] of limits) {
      assert.equal((await gdapi.list('pullTask', { limit })).pagination?.limit, used)
    }
    assert.equal((await gdapi.list('pullTask', { marker: 'bogus', description })).data.length, 3)
  })

  test('leads from a pull task to the project that it belongs to', async () => {
    const gdapi = await client()
    const task = await gdapi.waitSuccess(await gdapi.create('pullTask', { image: 'busybox' }))
    const account = await gdapi.follow(task, 'account')
    assert.deepEqual([account['id'], account['type']], [task['accountId'], 'project'])
    const [included] = (await gdapi.list('pullTask', { id: task.id, include: 'ACCOUNT' })).data
    assert.equal((included?.['account'] as RancherResource | undefined)?.id, task['accountId'])
    assert.equal((await gdapi.followList(task, 'hostPulls')).data.length, 0)
  })
}

const common = [
  ...['id', 'accountId', 'created', 'description', 'kind', 'name', 'removed', 'state', 'transitioning'],
  ...['transitioningMessage', 'transitioningProgress', 'uuid'],
]

export async function rejects(call: Promise<unknown>, status: number, body: Fields): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof GdapiError, String(error))
    assert.deepEqual([error.status, pick(error.body, Object.keys(body))], [status, body])
    assert.equal(error.body.type, 'error')
    return true
  })
}

export function pick(
  object: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, object[name]]))
}
