import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PulpServer } from '../../../testing/pulp-server.ts'

const nobody = { authorization: '' }

function ask(
  server: PulpServer,
  url: string,
  headers: Record<string, string> = nobody,
  method: 'GET' | 'HEAD' = 'GET',
) {
  return server.app.inject({ method, url: `/pulp/api/v2/${url}`, headers })
}

describe('The API reference', () => {
  it('is given to everybody, and again only when it has changed', async () => {
    const server = new PulpServer()
    const answer = await ask(server, 'openapi.json')
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'application/json; charset=utf-8'])
    assert.equal(answer.json().openapi, '3.1.0')
    const etag = String(answer.headers['etag'])
    const again = await ask(server, 'openapi.json', { 'if-none-match': `"other", W/${etag}` })
    assert.deepEqual([again.statusCode, again.body, again.headers['etag']], [304, '', etag])
    assert.equal((await ask(server, 'openapi.json', { 'if-none-match': '"other"' })).statusCode, 200)
  })

  it('does not depend on the server that prints it', async () => {
    const [one, other] = await Promise.all(
      [new PulpServer(), new PulpServer()].map((server) => ask(server, 'openapi.json')),
    )
    assert.equal(one?.headers['etag'], other?.headers['etag'])
  })
})

describe('The page of the API reference', () => {
  it('is made of files of this server alone', async () => {
    const server = new PulpServer()
    const page = await ask(server, 'docs/')
    assert.deepEqual([page.statusCode, page.headers['content-type']], [200, 'text/html; charset=utf-8'])
    const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part ?? '')
    const files = parts.filter((part) => !part.startsWith('data:'))
    assert.deepEqual(files, ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js', '../openapi.json'])
    for (const file of files) {
      const part = await ask(server, `docs/${file}`.replace('docs/../', ''))
      assert.equal(part.statusCode, 200, file)
      assert.ok(part.body.length > 100, file)
      assert.equal(part.headers['x-content-type-options'], 'nosniff')
      assert.ok(part.headers['etag'])
    }
    assert.doesNotMatch(page.body, /<script>|<style|\son\w+=|https?:/)
  })

  it('lets no script run but its own', async () => {
    const { headers } = await ask(new PulpServer(), 'docs/')
    const policy = String(headers['content-security-policy']).split('; ')
    assert.ok(policy.includes("default-src 'none'"))
    assert.ok(policy.includes("script-src 'self'"))
    assert.ok(policy.every((directive) => !directive.includes('unsafe')))
    assert.equal(headers['cache-control'], 'no-cache')
  })

  it('is found without its slash, and answers other methods as everything does', async () => {
    const server = new PulpServer()
    const redirect = await ask(server, 'docs', { host: 'pulp.example' })
    assert.deepEqual(
      [redirect.statusCode, redirect.headers['location']],
      [301, 'http://pulp.example/pulp/api/v2/docs/'],
    )
    const head = await ask(server, 'docs/start.js', nobody, 'HEAD')
    assert.deepEqual(
      [head.statusCode, head.body, head.headers['content-type']],
      [200, '', 'text/javascript; charset=utf-8'],
    )
    const post = await server.call('POST', 'docs/', {}, nobody)
    assert.deepEqual([post.status, post.headers['allow']], [405, 'GET, HEAD, OPTIONS'])
    assert.equal((await ask(server, 'docs/package.json')).statusCode, 404)
  })
})
