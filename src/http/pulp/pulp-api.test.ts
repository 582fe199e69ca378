import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { type Log, silentLog } from '../../core/log.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpErrorBody } from '../../wire/pulp/error.ts'
import { PulpStatus } from '../../wire/pulp/status.ts'

describe('The Pulp API', () => {
  it('tells its status without asking who calls', async () => {
    const answer = await new PulpServer().call('GET', 'status/', undefined, { authorization: '' })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.ok(Value.Check(PulpStatus, answer.json))
    assert.deepEqual(answer.json.versions, { platform_version: '2.8.7' })
    const names = answer.json.known_workers.map((worker: { _id: string }) => worker._id)
    assert.deepEqual(names, ['reserved_resource_worker-0@here'])
  })

  it('answers an unknown path with null and without asking who calls', async () => {
    const answer = await new PulpServer().call('GET', 'nothing/', undefined, { authorization: '' })
    assert.deepEqual([answer.status, answer.text], [404, 'null'])
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  })

  it('answers a wrong method with 405 and the right ones, without asking who calls', async () => {
    const answer = await new PulpServer().call('PATCH', 'repositories/', '{', { authorization: '' })
    assert.deepEqual([answer.status, answer.text], [405, ''])
    assert.equal(answer.headers['allow'], 'GET, POST, HEAD, OPTIONS')
  })

  it('answers OPTIONS with the methods', async () => {
    const answer = await new PulpServer().call('OPTIONS', 'repositories/zoo/', undefined, { authorization: '' })
    assert.deepEqual([answer.status, answer.text], [200, ''])
    assert.equal(answer.headers['allow'], 'GET, PUT, DELETE, HEAD, OPTIONS')
  })

  it('answers HEAD wherever it answers GET', async () => {
    const answer = await new PulpServer().call('HEAD', 'status/')
    assert.deepEqual([answer.status, answer.text], [200, ''])
    const list = await new PulpServer().call('HEAD', 'repositories/')
    assert.deepEqual([list.status, list.text], [200, ''])
  })

  it('redirects a path without its slash and keeps the query', async () => {
    const answer = await new PulpServer().call('GET', 'status?x=1&y', undefined, { host: 'pulp.example:8080' })
    assert.equal(answer.status, 301)
    assert.equal(answer.headers['location'], 'http://pulp.example:8080/pulp/api/v2/status/?x=1&y')
  })

  it('does not redirect to a path whose parameter is empty, which would be the same path again', async () => {
    assert.equal((await new PulpServer().call('GET', 'content/units/')).status, 404)
  })

  it('says that a path is malformed, whatever the method', async () => {
    for (const method of ['GET', 'PATCH', 'OPTIONS'] as const)
      assert.equal((await new PulpServer().call(method, 'repositories/%zz/')).status, 400, method)
  })

  it('takes doubled slashes for one', async () => {
    assert.equal((await new PulpServer().call('GET', '/pulp/api/v2//repositories//')).status, 200)
  })

  it('asks who calls before it looks at the body or for the thing', async () => {
    const answer = await new PulpServer().call('PUT', 'repositories/nope/', '{', { authorization: 'nobody' })
    assert.equal(answer.status, 401)
    assert.equal(Value.Check(PulpErrorBody, answer.json), true)
    assert.equal(answer.json.error.code, 'PLP0025')
    assert.equal(answer.json.auth_error_code, 'authentication_failed')
    assert.equal(answer.headers['www-authenticate'], undefined)
  })

  it('answers 401, not 403, to somebody who may not', async () => {
    const answer = await new PulpServer().call('DELETE', 'repositories/zoo/', undefined, { authorization: 'guest' })
    assert.equal(answer.status, 401)
    assert.equal(answer.json.error.code, 'PLP0026')
    assert.equal(answer.json.auth_error_code, 'permission_denied')
    assert.deepEqual(answer.json.error.data, { user: 'guest', operation: 'DELETE' })
  })

  it('tells a wrong password from no credentials', async () => {
    const details = { code: 'invalid_username_or_password', data: { user: 'admin' } }
    const authenticate = () => Promise.reject(new DeckleError('unauthenticated', 'wrong', details))
    const answer = await new PulpServer({ services: { authenticate } }).call('GET', 'repositories/')
    assert.deepEqual([answer.status, answer.json.error.code], [401, 'PLP0030'])
    assert.equal(answer.json.auth_error_code, 'invalid_username_or_password')
    assert.deepEqual(answer.json.error.data, { user: 'admin' })
  })

  it('names a missing thing in an error that shows the request as it came', async () => {
    const answer = await new PulpServer().call('GET', 'repositories//nope/?details=true')
    assert.deepEqual(answer.json, {
      _href: '/pulp/api/v2/repositories//nope/?details=true',
      http_request_method: 'GET',
      http_status: 404,
      error_message: 'Missing resource(s): repository=nope',
      exception: null,
      traceback: null,
      resources: { repository: 'nope' },
      error: {
        code: 'PLP0009',
        description: 'Missing resource(s): repository=nope',
        data: { resources: { repository: 'nope' } },
        sub_errors: [],
      },
    })
  })

  it('reads a body as JSON whatever its content type says', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'no type at all', 'a/b; charset=x', '']) {
      const answer = await new PulpServer().call('POST', 'repositories/', { id: 'zoo' }, { 'content-type': type })
      assert.equal(answer.status, 201, `with content type "${type}"`)
    }
  })

  it('refuses a body that is not JSON, not an object, or missing', async () => {
    const server = new PulpServer()
    const codes = { '{': 'PLP1009', '': 'PLP1009', '[]': 'PLP1015', null: 'PLP1015' }
    for (const [body, code] of Object.entries(codes)) {
      const answer = await server.call('POST', 'repositories/', body)
      assert.deepEqual([answer.status, answer.json.error.code], [400, code], `body ${body}`)
      assert.deepEqual(answer.json.args, [])
    }
  })

  it('refuses a body that is too large', async () => {
    const server = new PulpServer({ maxBodyBytes: 100 })
    const answer = await server.call('POST', 'repositories/', { id: 'x'.repeat(100) })
    assert.equal(answer.status, 413)
    assert.ok(Value.Check(PulpErrorBody, answer.json))
  })

  it('takes a client that leaves in the middle of its body for no failure', async () => {
    const [admitted, broken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const failures: string[] = []
    const { app } = new PulpServer({ log: { ...silentLog, error: (message) => void failures.push(message) } })
    app.addHook('preParsing', async () => admitted.resolve())
    app.addHook('onError', async () => broken.resolve())
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const lines = ['POST /pulp/api/v2/repositories/ HTTP/1.1', 'Host: x', 'Authorization: admin', 'Content-Length: 99']
    socket.write(`${lines.join('\r\n')}\r\n\r\n{"id": `)
    await admitted.promise
    setImmediate(() => socket.resetAndDestroy())
    await broken.promise
    await new Promise(setImmediate)
    assert.deepEqual(failures, [])
  })

  it('refuses a path that is not a URL path, or that no database can look up', async () => {
    for (const id of ['%zz', '%00', '%ff']) {
      const answer = await new PulpServer().call('GET', `repositories/${id}/`)
      assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP0000'], id)
    }
  })

  it('answers 500 without secrets when something breaks that nobody expected, and logs it', async () => {
    const logged: JsonObject[] = []
    const log: Log = { ...silentLog, error: (_message, fields = {}) => void logged.push(fields) }
    const status = () => Promise.reject(new TypeError('cannot reach postgres://me:secret@db/deckle'))
    const answer = await new PulpServer({ log, services: { status } }).call('GET', 'status/')
    assert.equal(answer.status, 500)
    assert.deepEqual(answer.json.exception, ['TypeError: cannot reach postgres://me:*****@db/deckle'])
    assert.ok(Array.isArray(answer.json.traceback))
    assert.ok(!('error' in answer.json))
    assert.ok(!answer.text.includes('secret'))
    assert.equal(logged.length, 1)
    assert.ok(!JSON.stringify(logged).includes('secret'))
  })

  it('has words for every kind of error', async () => {
    const kinds = {
      upstream: [500, 'PLP0000'],
      internal: [500, 'PLP0000'],
      conflict: [409, 'PLP0010'],
      cancelled: [503, 'PLP0000'],
    } as const
    for (const [kind, [status, code]] of Object.entries(kinds)) {
      const failing = () => Promise.reject(new DeckleError(kind as keyof typeof kinds, 'words'))
      const answer = await new PulpServer({ services: { status: failing } }).call('GET', 'status/')
      assert.deepEqual([answer.status, answer.json.error.code, answer.json.error_message], [status, code, 'words'])
      assert.ok(Value.Check(PulpErrorBody, answer.json))
    }
  })

  it('logs a line a request without its query', async () => {
    const logged: JsonObject[] = []
    const log: Log = { ...silentLog, info: (_message, fields = {}) => void logged.push(fields) }
    const answer = await new PulpServer({ log }).call('GET', 'repositories/?details=secret', undefined, {
      'x-request-id': 'abc-1',
    })
    assert.equal(answer.headers['x-request-id'], 'abc-1')
    assert.equal(logged.length, 1)
    const { ms, ...line } = logged[0] ?? {}
    assert.deepEqual(line, { request: 'abc-1', method: 'GET', path: '/pulp/api/v2/repositories/', status: 200 })
    assert.equal(typeof ms, 'number')
  })
})
