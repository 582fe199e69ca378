import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PulpServer } from '../../testing/pulp-server.ts'

const id = '6f1ed002-ab55-8d6c-b5d4-d1c3c0e3a5b1'

function withOrphan(): PulpServer {
  const server = new PulpServer()
  server.orphans.orphans.push({ type: 'stub', wireId: id, metadata: { name: 'lion', version: '1', colour: 'sand' } })
  return server
}

async function taskOf(server: PulpServer, answer: { json: { spawned_tasks: { task_id: string }[] } }) {
  return (await server.call('GET', `tasks/${answer.json.spawned_tasks[0]?.task_id}/`)).json
}

describe('/content/orphans/', () => {
  it('counts the units of every type', async () => {
    const href = '/pulp/api/v2/content/orphans/stub/'
    assert.deepEqual((await withOrphan().call('GET', 'content/orphans/')).json, { stub: { count: 1, _href: href } })
    assert.deepEqual((await new PulpServer().call('GET', 'content/orphans/')).json, { stub: { count: 0, _href: href } })
  })

  it('lists the units of a type by their key, and shows one', async () => {
    const server = withOrphan()
    const href = `/pulp/api/v2/content/orphans/stub/${id}/`
    const unit = { _id: id, _content_type_id: 'stub', name: 'lion', version: '1', _href: href }
    assert.deepEqual((await server.call('GET', 'content/orphans/stub/')).json, [unit])
    assert.deepEqual((await server.call('GET', href)).json, { _id: id, _href: href })
  })

  it('knows neither other types nor units that are no orphans', async () => {
    const server = withOrphan()
    for (const method of ['GET', 'DELETE'] as const) {
      const type = await server.call(method, 'content/orphans/other/')
      assert.deepEqual([type.status, type.json.resources], [404, { content_type_id: 'other' }])
      for (const unit of ['no-uuid', id.replace('6f', '7f')]) {
        const missing = await server.call(method, `content/orphans/stub/${unit}/`)
        const resources = { content_type: 'stub', content_unit: unit }
        assert.deepEqual([missing.status, missing.json.resources], [404, resources])
      }
    }
  })

  it('queues deletions with the tags and types of the original', async () => {
    const server = withOrphan()
    const calls = [
      [await server.call('DELETE', 'content/orphans/'), 'delete_all_orphans', []],
      [await server.call('DELETE', 'content/orphans/stub/'), 'delete_orphans_by_type', []],
      [await server.call('DELETE', `content/orphans/stub/${id}/`), 'delete_orphans_by_id', []],
      [
        await server.call('POST', 'content/actions/delete_orphans/', [{ content_type_id: 'stub', unit_id: id }]),
        'delete_orphans_by_id',
        ['pulp:action:delete_orphans'],
      ],
    ] as const
    for (const [answer, name, actions] of calls) {
      assert.equal(answer.status, 202)
      const task = await taskOf(server, answer)
      assert.equal(task.task_type, `pulp.server.managers.content.orphan.${name}`)
      assert.deepEqual(task.tags, ['pulp:content_unit:orphans', ...actions])
    }
  })

  it('takes nothing but an array of units', async () => {
    const server = new PulpServer()
    for (const body of [{ content_type_id: 'stub' }, 5, 'no JSON', '']) {
      const { status, json } = await server.call('POST', 'content/actions/delete_orphans/', body)
      const { code, data } = json.error
      const expected = typeof body === 'string' ? ['PLP1009', {}] : ['PLP1015', { data_type: 'list' }]
      assert.deepEqual([status, code, data], [400, ...expected])
    }
  })
})
