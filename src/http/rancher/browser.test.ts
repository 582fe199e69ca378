import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createContext, runInContext, Script } from 'node:vm'
import { RancherServer } from '../../testing/rancher-server.ts'
import { browseScript } from './browser/browse-script.ts'

let server: RancherServer
before(async () => {
  server = await RancherServer.start()
  const name = '</script><script>alert(1)</script><!-- \u2028'
  await server.resources.create({ type: 'host', owner: 2, name, state: 'active', data: {} })
})
after(() => server.close())

const browser = { 'user-agent': 'Mozilla/5.0 (X11)', accept: 'text/html,*/*;q=0.8' }
const tasks = '/v1/projects/1a2/pulltasks'

describe('What is answered', () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ['/v1', browser, true],
    ['/v1', { 'user-agent': 'mozilla' }, true],
    ['/v1', { ...browser, accept: 'application/json' }, false],
    ['/v1?_format=json', browser, false],
    ['/v1', { 'user-agent': 'curl/8', accept: 'text/html, */*' }, false],
    ['/v1', { accept: 'text/plain' }, false],
    ['/v1', {}, false],
    ['/v1?_format=html', {}, true],
    ['/v1?_format=xml', browser, true],
    ['/v1/nonsense', browser, true],
  ]
  for (const [target, headers, page] of rows) {
    it(`to ${target} with ${JSON.stringify(headers)} is ${page ? 'a page' : 'JSON'} (rancher-api §1.4)`, async () => {
      const answer = await server.get(target, headers)
      assert.equal(answer.headers['content-type'], `${page ? 'text/html' : 'application/json'}; charset=utf-8`)
      assert.equal(answer.status, target === '/v1/nonsense' ? 404 : 200)
      assert.equal(answer.text.startsWith('<!DOCTYPE html>'), page)
    })
  }

  it('to a browser at / is somebody else’s', async () => {
    assert.equal((await server.get('/', browser)).status, 418)
    assert.equal((await server.get('/?_format=json', browser)).json['resourceType'], 'apiVersion')
    for (const target of ['/v3/x', '/v10', '/pulp/api/v2/', '/v2/', '/V1'])
      assert.equal((await server.get(target)).status, 418)
  })
})

describe('The page', () => {
  it('holds the answer, whose text can neither end its script nor run', async () => {
    const { text, headers } = await server.get('/v1/hosts', browser)
    const json = (await server.get('/v1/hosts')).json
    const [, inline = ''] = /<script nonce="[\w-]+">(.*?)<\/script>/s.exec(text) ?? []
    assert.equal(text.match(/<script/g)?.length, 2)
    assert.ok(!inline.includes('://') && inline.includes(':\\/\\/'))
    const globals = createContext({})
    runInContext(inline, globals)
    assert.deepEqual(JSON.parse(JSON.stringify(globals['data'])), json)
    assert.equal(globals['schemas'], `${server.origin}/v1/schemas`)
    assert.deepEqual([globals['user'], typeof globals['curlUser']], ['admin', 'string'])
    const nonce = /nonce="([\w-]+)"/.exec(text)?.[1]
    assert.ok(headers['content-security-policy']?.includes(`script-src 'self' 'nonce-${nonce}';`))
  })

  it('comes with a script and a style of ours and nothing from elsewhere', async () => {
    const { text } = await server.get('/v1/hosts', browser)
    const urls = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    assert.equal(urls.length, 2)
    for (const url of urls) {
      assert.ok(url.startsWith(`${server.origin}/`), url)
      const file = await server.get(url)
      assert.equal(file.status, 200)
      assert.match(String(file.headers['content-type']), url.endsWith('.js') ? /javascript/ : /css/)
    }
    assert.doesNotThrow(() => new Script(browseScript))
    assert.ok(!/innerHTML|insertAdjacentHTML|document\.write|eval\(/.test(browseScript))
  })
})

describe('A browser that changes something', () => {
  const cookie = (value: string) => ({
    ...browser,
    cookie: `a=b; CSRF=${value}; PL=rancher`,
    accept: 'application/json',
  })
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, number, string?])[] = [
    ['is let in with its token as a header', { ...cookie('0123456789'), 'x-api-csrf': '0123456789' }, 201],
    ['is let in with its token as a parameter', cookie('0123456789'), 201, '&CSRF=0123456789'],
    ['is refused without it', cookie('0123456789'), 403],
    ['is refused with another', { ...cookie('0123456789'), 'x-api-csrf': '9876543210' }, 403],
    ['is refused with an empty cookie from elsewhere', { ...cookie(''), origin: 'http://evil.example' }, 403, '&CSRF='],
    ['is let in without a cookie', { ...browser }, 201],
    ['is refused without a cookie from another site', { ...browser, 'sec-fetch-site': 'cross-site' }, 403],
    ['is refused without a cookie from another origin', { ...browser, origin: 'http://evil.example' }, 403],
    ['is let in from its own origin', { ...browser, origin: 'http://h.example', host: 'h.example' }, 201],
    ['need not be one', { cookie: 'CSRF=0123456789' }, 201],
  ]
  for (const [rule, headers, status, more = ''] of rows) {
    it(`${rule} (rancher-api §1.5)`, async () => {
      const answer = await server.post(`${tasks}?image=x${more}`, {}, { accept: 'application/json', ...headers })
      assert.equal(answer.status, status, answer.text)
      if (status !== 403) return
      assert.ok(answer.text.includes('InvalidCSRFToken'))
      assert.equal(
        answer.headers['set-cookie']?.some((one) => one.startsWith('CSRF=')),
        true,
      )
    })
  }

  it('is not tricked into it by a link or an image', async () => {
    assert.equal((await server.get(`${tasks}?_method=POST&image=x`, browser)).status, 403)
    assert.equal((await server.get(`${tasks}?_method=POST&image=x`, cookie('0123456789'))).status, 403)
    assert.equal((await server.get(`${tasks}?_method=GET`, cookie('0123456789'))).status, 200)
  })

  it('gets a token, and keeps it', async () => {
    const first = await server.get('/v1', browser)
    const token = /CSRF=([0-9A-F]{10});Path=\/$/.exec(first.headers['set-cookie']?.at(-1) ?? '')?.[1] ?? ''
    assert.notEqual(token, '')
    const again = await server.get('/v1', cookie(token))
    assert.deepEqual(again.headers['set-cookie'], ['PL=rancher;Path=/', `CSRF=${token};Path=/`])
    const other = await server.get('/v1', cookie('"; evil'))
    assert.match(other.headers['set-cookie']?.at(-1) ?? '', /^CSRF=[0-9A-F]{10};Path=\/$/)
    assert.deepEqual((await server.get('/v1')).headers['set-cookie'], ['PL=rancher;Path=/'])
  })
})
