import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { DeckleError } from '../../core/errors.ts'
import { noSpace } from '../../core/space.ts'
import { MemoryUploads } from '../../testing/memory-uploads.ts'
import { PulpServer } from '../../testing/pulp-server.ts'

const root = '/pulp/api/v2/content/uploads/'

describe('uploads', () => {
  async function withUpload() {
    const server = new PulpServer()
    return { server, id: String((await server.call('POST', 'content/uploads/')).json.upload_id) }
  }

  it('are made, with or without a body, listed and deleted', async () => {
    const server = new PulpServer()
    const answer = await server.call('POST', 'content/uploads/')
    const id = answer.json.upload_id
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.deepEqual(
      [answer.status, answer.json._href, answer.headers['location']],
      [201, `${root}${id}/`, `${root}${id}/`],
    )
    const { upload_id: other } = (await server.call('POST', 'content/uploads/', {})).json
    assert.deepEqual((await server.call('GET', 'content/uploads/')).json, { upload_ids: [id, other] })
    for (const gone of [id, id, 'unknown']) {
      const deleted = await server.call('DELETE', `content/uploads/${gone}/`)
      assert.deepEqual([deleted.status, deleted.text], [200, 'null'])
    }
    assert.deepEqual((await server.call('GET', 'content/uploads/')).json, { upload_ids: [other] })
  })

  it('take bytes at any offset, whatever the content type says', async () => {
    const { server, id } = await withUpload()
    const chunks = [
      [4, 'application/json', '}{"a'],
      [0, 'multipart/form-data; boundary=x', '\u00e9\u00e9'],
      [8, 'no type at all', ''],
    ] as const
    for (const [offset, type, bytes] of chunks) {
      const { status, text } = await server.call('PUT', `content/uploads/${id}//${offset}/`, bytes, {
        'content-type': type,
      })
      assert.deepEqual([status, text], [200, 'null'])
    }
    assert.equal(String(server.uploads.bytes(id)), '\u00e9\u00e9}{"a')
    assert.equal(server.uploads.announced, 4)
  })

  it('refuse what is no offset, and what is no upload', async () => {
    const { server, id } = await withUpload()
    for (const offset of ['x', '-1', '1.5', '0x10', '9'.repeat(16), '%20']) {
      const { status, json } = await server.call('PUT', `content/uploads/${id}/${offset}/`, 'x')
      assert.deepEqual([status, json.error.code, json.property_names], [400, 'PLP0015', ['offset']], offset)
    }
    const { status, json } = await server.call('PUT', 'content/uploads/unknown/0/', 'x')
    assert.deepEqual([status, json.resources], [404, { upload_request: 'unknown' }])
  })

  it('say in their own words that something is too large or a disk is full', async () => {
    const failing = (error: DeckleError) => {
      const uploads = Object.assign(new MemoryUploads(), { write: () => Promise.reject(error) })
      return new PulpServer({ services: { uploads } })
    }
    const large = failing(new DeckleError('invalid', 'uploads.maxBytes is 5', { code: 'upload_too_large' }))
    const tooLarge = await large.call('PUT', 'content/uploads/x/0/', 'x')
    assert.deepEqual([tooLarge.status, tooLarge.json.error_message], [400, 'uploads.maxBytes is 5'])
    const full = await failing(noSpace('the disk is full')).call('PUT', 'content/uploads/x/0/', 'x')
    assert.deepEqual([full.status, full.json.error_message], [503, 'the disk is full'])
  })

  it('are imported by a task, whatever it will find', async () => {
    const server = new PulpServer()
    const body = { upload_id: 'u', unit_type_id: 'iso', unit_key: { name: 'n' } }
    const more = { unit_metadata: { a: 1 }, override_config: { validate: false } }
    const answer = await server.call('POST', 'repositories/nowhere/actions/import_upload/', { ...body, ...more })
    assert.equal(answer.status, 202)
    const task = (await server.call('GET', answer.json.spawned_tasks[0]._href)).json
    assert.deepEqual(task.tags.toSorted(), ['pulp:action:import_upload', 'pulp:repository:nowhere'])
    assert.equal(task.task_type, 'pulp.server.managers.content.upload.import_uploaded_unit')
    const [queued] = await Array.fromAsync(server.tasks.list({}))
    const asked = { upload: 'u', type: 'iso', key: { name: 'n' }, metadata: { a: 1 }, override: { validate: false } }
    assert.deepEqual(queued?.arguments, { repository: 'nowhere', ...asked })
    assert.deepEqual(queued?.resources, ['repository:nowhere'])
  })

  it('are not imported without their id, the type and the key', async () => {
    const server = new PulpServer()
    for (const body of [{}, { upload_id: null, unit_type_id: null, unit_key: null }]) {
      const { status, json } = await server.call('POST', 'repositories/zoo/actions/import_upload/', body)
      const names = ['upload_id', 'unit_type_id', 'unit_key']
      assert.deepEqual([status, json.error.code, json.missing_property_names], [400, 'PLP0016', names])
    }
    const wrong = { upload_id: 5, unit_type_id: [], unit_key: 'x' }
    const { status, json } = await server.call('POST', 'repositories/zoo/actions/import_upload/', wrong)
    assert.deepEqual([status, json.error.code], [400, 'PLP0015'])
  })

  it('ask for the permission of the path', async () => {
    const server = new PulpServer()
    for (const [method, target] of [
      ['GET', 'content/uploads/'],
      ['POST', 'content/uploads/'],
      ['PUT', 'content/uploads/x/0/'],
      ['DELETE', 'content/uploads/x/'],
      ['POST', 'repositories/zoo/actions/import_upload/'],
    ] as const) {
      const { status } = await server.call(method, target, undefined, { authorization: 'guest' })
      assert.equal(status, 401, `${method} ${target}`)
    }
  })
})

describe('the bytes of an upload', () => {
  /** A server behind a socket, and a way to send it requests on one connection. */
  async function listening(server: PulpServer) {
    const { port } = new URL(await server.app.listen({ port: 0, host: '127.0.0.1' }))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const put = (path: string) =>
      request({ port, host: '127.0.0.1', agent, method: 'PUT', path, headers: { authorization: 'admin' } })
    return { put, agent }
  }

  it('may be more than the body of other requests', async () => {
    const server = new PulpServer({ maxBodyBytes: 1_000 })
    const { json } = await server.call('POST', 'content/uploads/')
    const { put, agent } = await listening(server)
    const bytes = randomBytes(3_000_000)
    const answer = await answerOf(put(`${root}${json.upload_id}/0/`).end(bytes))
    assert.equal(answer.status, 200)
    assert.ok(server.uploads.bytes(json.upload_id).equals(bytes))
    const tooLarge = await server.call('POST', 'content/uploads/', `{"a":"${'x'.repeat(2_000)}"}`)
    assert.equal(tooLarge.status, 413)
    agent.destroy()
  })

  it('come no faster than they are written', async () => {
    const { promise: reading, resolve: read } = Promise.withResolvers<void>()
    let taken = 0
    const write: MemoryUploads['write'] = async (_id, _offset, body) => {
      await reading
      for await (const chunk of body) taken += chunk.length
    }
    const server = new PulpServer({ services: { uploads: Object.assign(new MemoryUploads(), { write }) } })
    const { put, agent } = await listening(server)
    const sending = put(`${root}x/0/`)
    const answer = answerOf(sending)
    const [piece, pieces] = [Buffer.alloc(1024 * 1024), 64]
    let sent = 0
    const sendingAll = (async () => {
      for (; sent < pieces; sent++) if (!sending.write(piece)) await once(sending, 'drain')
    })()
    const held = await settled(() => sent)
    read()
    await sendingAll
    sending.end()
    assert.deepEqual([(await answer).status, taken], [200, pieces * piece.length])
    assert.ok(held < pieces / 2, `${held} MiB were taken without anybody who read them`)
    agent.destroy()
  })

  it('that nobody wants leave the connection to the next request', async () => {
    const uploads = new MemoryUploads()
    const write: MemoryUploads['write'] = async (id, offset, body) => {
      if (id === 'untouched') uploads.bytes(id)
      if (id === 'begun') for await (const _ of body) uploads.bytes(id)
      await MemoryUploads.prototype.write.call(uploads, id, offset, body)
    }
    const server = new PulpServer({ services: { uploads: Object.assign(new MemoryUploads(), { write }) } })
    const { put, agent } = await listening(server)
    const id = await uploads.create()
    const ports = new Set<number | undefined>()
    for (const unwanted of ['untouched', 'begun']) {
      const refused = await answerOf(put(`${root}${unwanted}/0/`).end(randomBytes(5_000_000)))
      const next = await answerOf(put(`${root}${id}/0/`).end('next'))
      assert.deepEqual([refused.status, next.status], [404, 200], unwanted)
      ports.add(refused.port).add(next.port)
    }
    assert.deepEqual([ports.size, String(uploads.bytes(id))], [1, 'next'])
    agent.destroy()
  })
})

/** The value once it has stayed the same for many turns of the event loop that both sides share. */
async function settled(value: () => number): Promise<number> {
  for (let last = -1; last !== value(); ) {
    last = value()
    for (let turn = 0; turn < 3_000; turn++) await setImmediate()
  }
  return value()
}

async function answerOf(sent: ReturnType<typeof request>) {
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  assert.ok(answer)
  const port = answer.socket.localPort
  await text(answer)
  return { status: answer.statusCode, port }
}
