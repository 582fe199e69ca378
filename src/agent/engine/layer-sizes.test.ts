import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { layerSizes } from './layer-sizes.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const manifest = {
  config: { digest: digest('c'), size: 3 },
  layers: [{ digest: digest('a'), size: 10 }, { digest: digest('b'), size: 20 }, { digest: 'md5:0', size: 1 }, null],
}
const index = {
  manifests: [
    { digest: digest('1'), platform: { os: 'linux', architecture: 'arm64' } },
    { digest: digest('2'), platform: { os: 'linux', architecture: 'amd64' } },
  ],
}
const expected = new Map([
  ['a'.repeat(12), 10],
  ['b'.repeat(12), 20],
  ['c'.repeat(12), 3],
])
const credential = { serverAddress: 'x', username: 'alice', password: 's3cret', email: '' }
const basic = `Basic ${Buffer.from('alice:s3cret').toString('base64')}`

type Answer = readonly [status: number, body: object, challenge?: string]

/** A registry on this host; returns its host and port. */
async function registry(context: TestContext, answer: (request: IncomingMessage, host: string) => Answer) {
  const server = createServer((request, response) => {
    const [status, body, challenge] = answer(request, host())
    const headers = challenge === undefined ? {} : { 'www-authenticate': challenge }
    response.writeHead(status, headers).end(JSON.stringify(body))
  })
  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return { repository: `${host()}/team/app`, tag: 'one', digest: null }
}

describe('Sizes of layers from a registry', () => {
  test('are those of the image for this architecture', async (context) => {
    const image = await registry(context, ({ url }) => {
      if (url === '/v2/team/app/manifests/one') return [200, index]
      return url === `/v2/team/app/manifests/${digest('2')}` ? [200, manifest] : [404, {}]
    })
    assert.deepEqual(await layerSizes(image, undefined, 'amd64'), expected)
  })

  test('are asked for with Basic credentials where the registry wants them', async (context) => {
    const image = await registry(context, ({ headers }) => {
      return headers.authorization === basic ? [200, manifest] : [401, {}, 'Basic realm="x"']
    })
    assert.deepEqual(await layerSizes(image, credential, 'amd64'), expected)
    await assert.rejects(layerSizes(image, undefined, 'amd64'), /401/)
  })

  test('are asked for with a token where the registry has them', async (context) => {
    const scopes: unknown[] = []
    const image = await registry(context, ({ url = '', headers }, host) => {
      if (headers.authorization === 'Bearer ticket') return [200, manifest]
      if (!url.startsWith('/token')) return [401, {}, `Bearer realm="http://${host}/token",service="fixture"`]
      scopes.push([url, headers.authorization])
      return [200, { token: 'ticket' }]
    })
    assert.deepEqual(await layerSizes(image, credential, 'amd64'), expected)
    assert.deepEqual(scopes, [['/token?service=fixture&scope=repository%3Ateam%2Fapp%3Apull', basic]])
  })

  test('are not to be had from what is no registry', async (context) => {
    const image = await registry(context, () => [200, ['x']])
    await assert.rejects(layerSizes(image, undefined, 'amd64'), /200/)
  })
})
