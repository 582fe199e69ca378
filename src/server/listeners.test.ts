import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { DeckleError } from '../core/errors.ts'
import { readConfig } from './config.ts'
import { requireFreePorts } from './listeners.ts'

/** A port that somebody listens on until the test ends. */
async function takenPort(t: TestContext): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return String((server.address() as AddressInfo).port)
}

function checked(http: string, https: string, isSecure = true): Promise<void> {
  return requireFreePorts(readConfig({ DECKLE_HTTP_PORT: http, DECKLE_HTTPS_PORT: https }), isSecure)
}

function names(setting: RegExp) {
  return (error: unknown) => error instanceof DeckleError && setting.test(error.message)
}

describe('Ports that several processes are to share', () => {
  it('must be free, each refused by the name of its setting', async (t) => {
    const taken = await takenPort(t)
    await checked('0', '0')
    await checked('0', taken, false)
    await assert.rejects(checked(taken, '0'), names(/set DECKLE_HTTP_PORT to another/))
    await assert.rejects(checked('0', taken), names(/set DECKLE_HTTPS_PORT to another/))
  })

  it('are not the same for HTTP and TLS', async () => {
    await assert.rejects(checked('8443', '8443'), names(/DECKLE_HTTP_PORT.*DECKLE_HTTPS_PORT.*must differ/))
  })
})
