import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { DeckleError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { MemoryResources } from '../../testing/memory-resources.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { createAgentHandler } from './agent-handler.ts'

const run = promisify(execFile)

describe('what a host asks before it is one', () => {
  async function start(t: TestContext, body = 'console.log(process.argv.slice(2).join(" "))') {
    const resources = new MemoryResources()
    const requests: unknown[] = []
    const sha256 = createHash('sha256').update(body).digest('hex')
    const handler = createAgentHandler({
      door: {
        async register(request) {
          requests.push(request)
          if (request.token !== 'good') throw new DeckleError('unauthenticated', 'The registration token is unknown')
          const host = await resources.create({ type: 'host', owner: 1, state: 'active', data: {} })
          return { host, accessKey: 'AK', secretKey: 'SK' }
        },
        knows: async (token) => token === "it's:good",
      },
      bundle: async () => (body === '' ? undefined : { body: Buffer.from(body), sha256 }),
      hostId: (key) => `1h${key}`,
      originOf: ({ headers }) => `http://${headers.host}`,
      log: silentLog,
    })
    const server = createServer((request, response) => {
      if (!handler(request, response)) response.writeHead(418).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const post = (sent: unknown) =>
      fetch(`${url}/agent/register`, { method: 'POST', body: typeof sent === 'string' ? sent : JSON.stringify(sent) })
    return { url, post, requests, sha256 }
  }

  const facts = { token: 'good', identity: 'i-1', hostname: 'east', labels: { zone: 'eu' } }

  it('registers with a good token, and is told its keys', async (t) => {
    const { post, requests } = await start(t)
    const answer = await post({ ...facts, more: 'of another version' })
    assert.deepEqual([answer.status, await answer.json()], [201, { host: '1h1', accessKey: 'AK', secretKey: 'SK' }])
    assert.deepEqual(requests, [facts])
  })

  it('is refused with another token, and told what is wrong with its request', async (t) => {
    const { post } = await start(t)
    const wrong = await post({ ...facts, token: 'bad' })
    assert.deepEqual([wrong.status, await wrong.json()], [401, { message: 'The registration token is unknown' }])
    for (const bad of [
      '{',
      '[]',
      { ...facts, hostname: '' },
      { ...facts, labels: { a: 1 } },
      { ...facts, identity: 'x'.repeat(65) },
    ]) {
      assert.equal((await post(bad)).status, 422)
    }
    assert.equal((await post(`"${'x'.repeat(2 * 1024 ** 2)}"`)).status, 422)
  })

  it('gets the agent with its checksum, and says so when it was not built', async (t) => {
    const { url, sha256 } = await start(t)
    assert.match(await (await fetch(`${url}/agent/deckle-agent.js`)).text(), /^console/)
    assert.equal(await (await fetch(`${url}/agent/deckle-agent.js.sha256`)).text(), `${sha256}  deckle-agent.js\n`)
    const bare = await start(t, '')
    assert.equal((await fetch(`${bare.url}/agent/deckle-agent.js`)).status, 503)
  })

  it('is answered for its own paths only', async (t) => {
    const { url } = await start(t)
    const statuses = await Promise.all(
      ['/agent/other', '/agent/register', '/agent/connect', '/v1/scripts/bad', '/v1/scripts', '/agents'].map(
        async (path) => (await fetch(`${url}${path}`)).status,
      ),
    )
    assert.deepEqual(statuses, [404, 405, 426, 404, 418, 418])
  })

  it('installs the agent by the script of its token, whatever is in it', async (t) => {
    const { url } = await start(t)
    const script = await (await fetch(`${url}/v1/scripts/${encodeURIComponent("it's:good")}`)).text()
    assert.equal(script, await (await fetch(`${url}/agent/install.sh?token=it%27s:good`)).text())
    const folder = join(await temporaryFolder(), 'a folder')
    const env = { ...process.env, DECKLE_AGENT_DIR: folder, DECKLE_AGENT_SERVICE: 'none' }
    const { stdout } = await run('sh', ['-c', script, 'sh', '--label', 'zone=eu'], { env })
    assert.match(stdout, /--state-dir .*a folder --label zone=eu$/m)
    assert.match(await readFile(join(folder, 'deckle-agent.js'), 'utf8'), /^console/)
    assert.equal(
      await readFile(join(folder, 'environment'), 'utf8'),
      `DECKLE_AGENT_URL=${url}\nDECKLE_AGENT_TOKEN=it's:good\n`,
    )
  })

  it('does not start an agent that is not the one that the server has', async (t) => {
    const { url, sha256 } = await start(t)
    const script = await (await fetch(`${url}/v1/scripts/it%27s:good`)).text()
    const env = { ...process.env, DECKLE_AGENT_DIR: await temporaryFolder(), DECKLE_AGENT_SERVICE: 'none' }
    await assert.rejects(
      run(
        'sh',
        [
          '-c',
          script.replace(
            sha256,
            sha256.replace(/^./, (one) => (one === '0' ? '1' : '0')),
          ),
        ],
        { env },
      ),
      {
        stderr: 'deckle agent: the checksum of the agent is wrong; try again\n',
      },
    )
  })
})
