import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { MemoryTasks } from '../../testing/memory-tasks.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpErrorBody } from '../../wire/pulp/error.ts'
import type { Route } from '../kit/route.ts'
import { pulpRoutes } from './pulp-api.ts'

/** What holds for every route there is, and for those to come (pulp2-api §1.1, §2.4). */

const routes = pulpRoutes(new PulpServer().services)
const byPath = Map.groupBy(routes, (route) => concrete(route.path))
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const
const nobody = { authorization: '' }

function concrete(path: string): string {
  return path.replaceAll(/:\w+/g, 'x')
}

function inOrder(list: unknown): readonly string[] {
  return String(list).split(', ').toSorted()
}

describe('Every path', () => {
  it('leads to itself without its slash, whatever the method, without asking who calls', async () => {
    const server = new PulpServer()
    for (const path of byPath.keys()) {
      for (const method of [...methods, 'HEAD', 'OPTIONS'] as const) {
        const answer = await server.call(method, `${path.slice(0, -1)}?a=1&b=//c`, '{', { ...nobody, host: 'pulp:8' })
        const { status, reason, text, headers } = answer
        assert.deepEqual([status, reason, text], [301, 'MOVED PERMANENTLY', ''], `${method} ${path}`)
        assert.equal(headers['location'], `http://pulp:8${path}?a=1&b=//c`)
      }
    }
  })

  it('names its methods for OPTIONS and in a 405, with no body and without asking who calls', async () => {
    const server = new PulpServer()
    for (const [path, rows] of byPath) {
      const own: string[] = rows.map((row) => row.method)
      const allowed = [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].toSorted()
      const options = await server.call('OPTIONS', path, undefined, nobody)
      assert.deepEqual([options.status, options.text, inOrder(options.headers['allow'])], [200, '', allowed], path)
      for (const method of methods.filter((one) => !own.includes(one))) {
        const { status, reason, text, headers } = await server.call(method, path, '{', nobody)
        assert.deepEqual([status, reason, text], [405, 'METHOD NOT ALLOWED', ''], `${method} ${path}`)
        assert.deepEqual(inOrder(headers['allow']), allowed)
        assert.equal(headers['content-type'], undefined)
      }
    }
  })

  it('is the same with repeated slashes', async () => {
    const server = new PulpServer()
    for (const { path } of routes.filter(({ method }) => method === 'GET')) {
      const plain = await server.call('GET', concrete(path))
      const doubled = await server.call('GET', concrete(path).replaceAll('/', '//'))
      assert.equal(doubled.status, plain.status, path)
      if (plain.status < 300) assert.equal(doubled.text, plain.text, path)
    }
  })

  it('answers HEAD as it answers GET, with no body', async () => {
    const server = new PulpServer()
    for (const { path } of routes.filter(({ method }) => method === 'GET')) {
      const [get, head] = [await server.call('GET', concrete(path)), await server.call('HEAD', concrete(path))]
      assert.deepEqual([head.status, head.text], [get.status, ''], path)
      assert.equal(head.headers['content-type'], get.headers['content-type'], path)
    }
  })
})

describe('A HEAD of a collection', () => {
  it('looks at its first item only, and lets go of it', async () => {
    const tasks = new MemoryTasks()
    const [task] = await tasks.enqueue([{ operation: 'x', arguments: {}, tags: [], resources: [] }])
    const closed = Promise.withResolvers<void>()
    let reads = 0
    async function* list() {
      try {
        for (; task !== undefined; reads++) yield task
      } finally {
        closed.resolve()
      }
    }
    const server = new PulpServer({ services: { tasks: Object.assign(tasks, { list }) } })
    const { status, text } = await server.call('HEAD', 'tasks/')
    assert.deepEqual([status, text], [200, ''])
    await closed.promise
    assert.equal(reads, 0)
  })
})

describe('Every route', () => {
  const answerOf = (server: PulpServer, { method, path }: Route, body?: string, headers = {}) =>
    server.call(method, concrete(path), body, headers)

  it('answers JSON that says so, and errors with all their members', async () => {
    const server = new PulpServer()
    for (const route of routes) {
      const answer = await answerOf(server, route, route.body === 'none' ? undefined : '{}')
      const name = `${route.method} ${route.path}: ${answer.status} ${answer.text}`
      assert.ok(answer.status < 500, name)
      if (answer.text === '') assert.equal(answer.status, 204, name)
      else assert.match(String(answer.headers['content-type']), /^(application\/json; charset=utf-8|text\/)/, name)
      if (answer.status < 400 || typeof answer.json === 'string') continue
      assert.ok(Value.Check(PulpErrorBody, answer.json), name)
      assert.deepEqual([answer.json.http_status, answer.json.http_request_method], [answer.status, route.method], name)
      assert.equal(answer.json._href, concrete(route.path))
      assert.ok('error' in answer.json, name)
    }
  })

  it('with a body reads it as JSON whatever the content type, and refuses another one before it looks for the thing', async () => {
    const server = new PulpServer()
    const withBody = routes.filter(({ body }) => body === 'object' || body === 'optional')
    assert.ok(withBody.length > 5)
    const refused = { '{': 'PLP1009', '{"a":1,}': 'PLP1009', '[]': 'PLP1015', null: 'PLP1015', '"x"': 'PLP1015' }
    for (const route of withBody) {
      for (const [body, code] of Object.entries(refused)) {
        const type = { 'content-type': body === '{' ? 'text/plain; charset=' : 'application/json' }
        const answer = await answerOf(server, route, body, type)
        assert.deepEqual(
          [answer.status, answer.reason, answer.json?.error?.code],
          [400, 'BAD REQUEST', code],
          `${route.method} ${route.path} ${body}`,
        )
      }
    }
  })

  it('takes an empty body for {} where one is optional, and refuses it elsewhere', async () => {
    const server = new PulpServer()
    for (const route of routes.filter(({ body }) => body === 'object' || body === 'optional')) {
      const [empty, blank] = [await answerOf(server, route), await answerOf(server, route, ' \n')]
      const codes = [empty.json?.error?.code, blank.json?.error?.code]
      const refused = codes.map((code) => code === 'PLP1009')
      assert.deepEqual(refused, Array(2).fill(route.body === 'object'), `${route.method} ${route.path} ${codes}`)
    }
  })

  it('without a body does not look at one', async () => {
    const server = new PulpServer()
    for (const route of routes.filter(({ body }) => body === 'none')) {
      const [without, withOne] = [await answerOf(server, route), await answerOf(server, route, '{]')]
      assert.equal(withOne.status, without.status, `${route.method} ${route.path}`)
    }
  })
})

describe('What was made', () => {
  it('is told by its path', async () => {
    const server = new PulpServer()
    const made = await server.call('POST', 'repositories/', { id: 'zoo' })
    assert.deepEqual([made.status, made.reason, made.headers['location']], [201, 'CREATED', made.json._href])
    assert.equal((await server.call('GET', String(made.headers['location']))).status, 200)
  })
})

describe('A method with a body of its own', () => {
  it('has to say what its body is', async () => {
    const { app } = new PulpServer()
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    assert.equal((await fetch(`${url}/pulp/api/v2/nothing/`, { method: 'QUERY' })).status, 400)
    await app.close()
  })
})

describe('Behind a proxy', () => {
  const forwarded = { host: 'inside:8080', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'pulp.example' }
  const locationOf = async (trustProxy: boolean | readonly string[]) => {
    const server = new PulpServer({ trustProxy })
    return (await server.call('GET', 'status', undefined, forwarded)).headers['location']
  }

  it('redirects go to the address that the client used, if the proxy is believed', async () => {
    assert.equal(await locationOf(true), 'https://pulp.example/pulp/api/v2/status/')
    assert.equal(await locationOf(['127.0.0.0/8']), 'https://pulp.example/pulp/api/v2/status/')
    assert.equal(await locationOf(['10.0.0.1']), 'http://inside:8080/pulp/api/v2/status/')
    assert.equal(await locationOf(false), 'http://inside:8080/pulp/api/v2/status/')
  })
})

describe('An early answer', () => {
  async function answerTo(target: string): Promise<string> {
    const { app } = new PulpServer()
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const lines = [`GET /pulp/api/v2/${target} HTTP/1.1`, 'Host: x', 'Connection: close', 'Content-Length: 9000000']
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    socket.write(Buffer.alloc(9_000_000))
    return text(socket)
  }

  it('reaches a client that still sends its body, and hangs up afterwards', async () => {
    assert.match(await answerTo('repositories/'), /^HTTP\/1.1 401 UNAUTHORIZED/)
  })

  it('does so where the path is none', async () => {
    assert.match(await answerTo('repositories/%zz/'), /^HTTP\/1.1 400 /)
  })
})
