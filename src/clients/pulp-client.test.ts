import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deadUrl, type ScriptedAnswer, scriptedServer } from '../testing/scripted-server.ts'
import { PulpClient } from './pulp-client.ts'
import { ServerError, UnreachableError } from './server-error.ts'

async function answering(answer: ScriptedAnswer) {
  const server = await scriptedServer(() => answer)
  return { client: new PulpClient({ url: server.url }), requests: server.requests }
}

describe('The Pulp client', () => {
  test('sends a token at once, as a bearer', async () => {
    const server = await scriptedServer(() => ({ body: [] }))
    await new PulpClient({ url: server.url, credentials: { token: 'abc' } }).repositories()
    assert.equal(server.requests[0]?.authorization, 'Bearer abc')
  })

  test('sends user and password at once, as Basic in UTF-8', async () => {
    const server = await scriptedServer(() => ({ body: [] }))
    await new PulpClient({ url: server.url, credentials: { username: 'admin', password: 'pä:ss' } }).tasks()
    const expected = Buffer.from('admin:pä:ss', 'utf8').toString('base64')
    assert.equal(server.requests[0]?.authorization, `Basic ${expected}`)
  })

  test('sends nothing where there are no credentials', async () => {
    const { client, requests } = await answering({ body: {} })
    await client.status()
    assert.equal(requests[0]?.authorization, undefined)
  })

  test('escapes what stands in a path', async () => {
    const { client, requests } = await answering({ status: 202, body: { spawned_tasks: [] } })
    await client.updateImporter('a/b', 'yum importer', { feed: null })
    assert.equal(requests[0]?.target, '/pulp/api/v2/repositories/a%2Fb/importers/yum%20importer/')
    assert.deepEqual(requests[0]?.body, { importer_config: { feed: null } })
  })

  test('asks for tasks that have all tags', async () => {
    const { client, requests } = await answering({ body: [] })
    await client.tasks(['pulp:repository:zoo', 'pulp:action:sync'])
    assert.equal(requests[0]?.target, '/pulp/api/v2/tasks/?tag=pulp%3Arepository%3Azoo&tag=pulp%3Aaction%3Async')
  })

  test('leaves the schedule of publishing alone unless it is told', async () => {
    const { client, requests } = await answering({ status: 202, body: { spawned_tasks: [] } })
    await client.updateDistributor('zoo', 'd', { config: { http: true } })
    await client.updateDistributor('zoo', 'd', { autoPublish: false })
    assert.deepEqual(requests[0]?.body, { distributor_config: { http: true } })
    assert.deepEqual(requests[1]?.body, { distributor_config: {}, delta: { auto_publish: false } })
  })

  test("throws the server's own text, status and code", async () => {
    const { client } = await answering({
      status: 409,
      body: { error_message: 'A resource with the ID zoo already exists.', error: { code: 'PLP0018' } },
    })
    await assert.rejects(client.createRepository({ id: 'zoo' }), (error) => {
      assert.ok(error instanceof ServerError)
      assert.deepEqual([error.status, error.code], [409, 'PLP0018'])
      assert.equal(error.message, 'A resource with the ID zoo already exists.')
      return true
    })
  })

  test('finds words for errors that are no error object', async () => {
    const cases: [unknown, string][] = [
      ['bad request\nsecond line', 'bad request'],
      ['"a bare string"', 'a bare string'],
      ['<html><h1>502</h1></html>', 'the server answered 502'],
      [null, 'the server answered 502'],
    ]
    for (const [body, message] of cases) {
      const { client } = await answering({ status: 502, body })
      await assert.rejects(client.status(), { name: 'ServerError', message })
    }
  })

  test('answers undefined for a repository that is not there, and only then', async () => {
    const missing = await answering({ status: 404, body: { error_message: 'Missing resource(s): repository=zoo' } })
    assert.equal(await missing.client.findRepository('zoo'), undefined)
    const refused = await answering({ status: 401, body: null })
    await assert.rejects(refused.client.findRepository('zoo'), { status: 401 })
  })

  test('says that nobody listens', async () => {
    const url = await deadUrl()
    const client = new PulpClient({ url })
    await assert.rejects(client.status(), { name: 'UnreachableError', url, message: 'connection refused' })
  })

  test('does not take a web page for an answer', async () => {
    const { client } = await answering({ body: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } })
    await assert.rejects(client.status(), { name: 'UnreachableError', message: /not JSON/ })
  })

  test('does not follow a redirect, which would turn a POST into a GET', async () => {
    const { client, requests } = await answering({ status: 301, headers: { location: 'https://mirror.example/' } })
    await assert.rejects(client.sync('zoo'), (error) => {
      assert.ok(error instanceof UnreachableError)
      assert.match(error.message, /https:\/\/mirror\.example\//)
      return true
    })
    assert.equal(requests.length, 1)
  })
})
