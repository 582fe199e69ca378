import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import WebSocket from 'ws'
import { DeckleError } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { eventually } from '../../testing/eventually.ts'
import { MemoryResources } from '../../testing/memory-resources.ts'
import { subscriptions } from './subscriptions.ts'

describe('a subscription', () => {
  /** Everybody but `stranger` may watch; resources of owner 1 are seen. */
  async function start(t: TestContext, pingMs?: number) {
    const resources = new MemoryResources()
    const sockets = subscriptions({
      resources,
      ...(pingMs !== undefined && { pingMs }),
      admit: async ({ headers }) => {
        if (headers.authorization === 'stranger') throw new DeckleError('forbidden', 'This project is not yours')
        return {
          async look(key) {
            const { owner, type, name } = await resources.get(['host', 'pullTask'], key)
            return owner === 1 ? { type, id: `1x${key}`, resource: { name } } : undefined
          },
        }
      },
    })
    const server = createServer().on('upgrade', (request, socket, head) => {
      if (sockets.handler(request, socket, head)) return
      socket.once('finish', () => socket.destroy())
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Until nothing of it is left: timers of this test are not those of the next.
    t.after(async () => {
      sockets.close()
      server.close()
      await once(server, 'close')
    })
    return { resources, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  async function watch(url: string): Promise<JsonObject[]> {
    const got: JsonObject[] = []
    const socket = new WebSocket(url)
    socket.on('message', (data) => {
      const event: unknown = JSON.parse(String(data))
      if (isJsonObject(event)) got.push(event)
    })
    await once(socket, 'open')
    return got
  }

  const task = (owner: number, name: string) =>
    ({ type: 'pullTask', owner, name, state: 'registering', data: {} }) as const

  it('tells what changes, of what the watcher may see, at every address that has it', async (t) => {
    const { resources, url } = await start(t)
    const paths = ['/v1/subscribe', '/v2-beta/subscribe/', '/v1/projects/1a5/subscribe']
    const all = await Promise.all(paths.map((path) => watch(`${url}${path}?eventNames=resource.change`)))
    await resources.create(task(2, 'hidden'))
    const { key } = await resources.create(task(1, 'seen'))
    await eventually(() => all.every((got) => got.length > 0))
    for (const [event, ...more] of all) {
      const { time, ...rest } = event ?? {}
      assert.equal(typeof time, 'number')
      const data = { resource: { name: 'seen' } }
      assert.deepEqual(rest, { name: 'resource.change', resourceType: 'pullTask', resourceId: `1x${key}`, data })
      assert.deepEqual(more, [])
    }
  })

  it('makes one event of many changes of a moment, with how the resource is then', async (t) => {
    const { resources, url } = await start(t)
    const got = await watch(`${url}/v1/subscribe?eventNames=ping&eventNames=resource.change%3Bhandler%3Dui`)
    const { key } = await resources.create(task(1, 'first'))
    for (let turn = 0; turn < 50; turn++) await resources.change(key, ['registering'], { name: `name ${turn}` })
    await eventually(() => got.length > 0)
    assert.deepEqual(
      got.map(({ data }) => data),
      [{ resource: { name: 'name 49' } }],
    )
  })

  it('gives a sign of life even to who asked for nothing, and nothing else', async (t) => {
    const { resources, url } = await start(t, 20)
    const got = await watch(`${url}/v1/subscribe`)
    await resources.create(task(1, 'first'))
    await eventually(() => got.length > 10)
    assert.ok(got.every(({ name }) => name === 'ping'))
  })

  it('is ended when changes may have been missed, so that its client looks at everything once', async (t) => {
    const { resources, url } = await start(t)
    const socket = new WebSocket(`${url}/v1/subscribe?eventNames=resource.change`)
    await once(socket, 'open')
    resources.missChanges()
    const [code] = await once(socket, 'close')
    assert.equal(code, 1012)
  })

  it('is refused to who may not watch, and is nothing elsewhere', async (t) => {
    const { url } = await start(t)
    for (const [path, status] of [
      ['/v1/subscribe', 403],
      ['/v1/hosts', 404],
    ] as const) {
      const socket = new WebSocket(`${url}${path}`, { headers: { authorization: 'stranger' } })
      socket.on('error', () => undefined)
      const [, answer] = await once(socket, 'unexpected-response')
      assert.equal(answer.statusCode, status)
      answer.destroy()
    }
  })
})
