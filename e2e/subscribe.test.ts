import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import WebSocket from 'ws'
import { isJsonObject, type JsonObject } from '../src/core/json.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { GdapiClient } from './support/gdapi-client.ts'
import { adminClient, newKey, projectKey } from './support/rancher-servers.ts'
import { sharedServer } from './support/servers.ts'

onOneDatabase('a subscription to a running server', (fresh) => {
  const server = sharedServer(fresh)

  async function watch(t: TestContext, path: string, authorization: string): Promise<JsonObject[]> {
    const url = `${server().url.replace('http', 'ws')}${path}?eventNames=resource.change`
    const socket = new WebSocket(url, { headers: { authorization } })
    t.after(() => socket.terminate())
    const got: JsonObject[] = []
    socket.on('message', (data) => {
      const event: unknown = JSON.parse(String(data))
      if (isJsonObject(event)) got.push(event)
    })
    await once(socket, 'open')
    return got
  }

  const statesOf = (events: readonly JsonObject[], id: string) =>
    events.filter((event) => event['resourceId'] === id).map((event) => resourceOf(event)['state'])

  test('tells a project what becomes of its pull tasks, as its answers have them, and pings', async (t) => {
    const authorization = await projectKey(server())
    const gdapi = await GdapiClient.start(`${server().url}/v1`, { authorization })
    const got = await watch(t, '/v1/subscribe', authorization)
    const task = await gdapi.waitSuccess(await gdapi.create('pullTask', { image: 'busybox' }))
    await eventually(() => statesOf(got, task.id).includes('active'))
    const event = got.findLast(({ resourceId }) => resourceId === task.id) ?? {}
    assert.deepEqual([event['name'], event['resourceType']], ['resource.change', 'pullTask'])
    assert.equal(typeof event['time'], 'number')
    const shown = await gdapi.byId('pullTask', task.id)
    for (const key of ['uuid', 'image', 'state', 'accountId']) assert.equal(resourceOf(event)[key], shown?.[key])
    await eventually(() => got.some(({ name }) => name === 'ping'))
  })

  test('tells a project nothing of another one', async (t) => {
    const admin = await adminClient(server())
    const other = await admin.waitSuccess(await admin.create('project', { name: 'Watched' }))
    const theirs = await newKey(admin, { accountId: other.id })
    const ours = await projectKey(server())
    const [seen, hidden] = [await watch(t, '/v2-beta/subscribe', theirs), await watch(t, '/v1/subscribe', ours)]
    const gdapi = await GdapiClient.start(`${server().url}/v1`, { authorization: theirs })
    const task = await gdapi.create('pullTask', { image: 'busybox' })
    await eventually(() => statesOf(seen, task.id).includes('active'))
    assert.deepEqual(statesOf(hidden, task.id), [])
  })

  test('is for nobody without credentials', async () => {
    const socket = new WebSocket(`${server().url.replace('http', 'ws')}/v1/subscribe?eventNames=resource.change`)
    socket.on('error', () => undefined)
    const [, answer] = await once(socket, 'unexpected-response')
    assert.equal(answer.statusCode, 401)
    answer.destroy()
  })
})

function resourceOf({ data }: JsonObject): JsonObject {
  return isJsonObject(data) && isJsonObject(data['resource']) ? data['resource'] : {}
}
