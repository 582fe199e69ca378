import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { describe, it } from 'node:test'
import type { ServerAddresses } from '../core/server-addresses.ts'
import { memoryAuthority } from '../testing/memory-authority.ts'
import { readConfig } from './config.ts'
import { tellAddresses } from './own-addresses.ts'

/** What is told with these settings by a process that listens on these ports. */
async function told(settings: Record<string, string>, http: number, https?: number): Promise<ServerAddresses> {
  const said: ServerAddresses[] = []
  const addresses = { tell: async (one: ServerAddresses) => void said.push(one), read: () => assert.fail() }
  const config = readConfig({ DECKLE_ALLOW_OPEN: 'true', ...settings })
  const ports = { http: { port: http }, https: https === undefined ? undefined : { port: https } }
  await tellAddresses(config, { addresses, authority: memoryAuthority() }, ports)
  return said[0] ?? assert.fail('nothing was told')
}

describe('The addresses of the server', () => {
  it('are where it listens, with its real port', async () => {
    const nowhere = { hosts: { http: '127.0.0.1:4711' }, caCertificate: null }
    assert.deepEqual(await told({ DECKLE_HTTP_PORT: '0' }, 4711), nowhere)
    assert.deepEqual((await told({ DECKLE_HTTP_HOST: '::1' }, 80)).hosts, { http: '[::1]' })
    assert.deepEqual((await told({ DECKLE_HTTP_HOST: '0.0.0.0' }, 8080)).hosts, { http: `${hostname()}:8080` })
  })

  it('are what the settings say, and leave the other protocol on its port', async () => {
    const http = { DECKLE_HTTP_URL: 'http://pulp.test/' }
    assert.deepEqual((await told(http, 8080, 8443)).hosts, { http: 'pulp.test', https: 'pulp.test:8443' })
    const behindProxy = { DECKLE_HTTP_URL: 'https://pulp.test:444' }
    assert.deepEqual((await told(behindProxy, 8080)).hosts, { http: 'pulp.test:8080', https: 'pulp.test:444' })
  })

  it('come with the authority of a certificate that was made here', async () => {
    const { hosts, caCertificate } = await told({}, 80, 443)
    assert.deepEqual(hosts, { http: '127.0.0.1', https: '127.0.0.1' })
    assert.match(caCertificate ?? '', /^-----BEGIN CERTIFICATE-----/)
    const given = await told({ DECKLE_TLS_CERT: '/a.pem', DECKLE_TLS_KEY: '/a.key' }, 80, 443)
    assert.equal(given.caCertificate, null)
  })
})
