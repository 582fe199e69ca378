import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { ConsumerAgentProcess, passwordFile } from './support/consumer-agent.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { startServer, testFolder } from './support/servers.ts'
import { ask } from './support/work-flow.ts'
import { WorkFlowSteps } from './support/work-flow-steps.ts'

onOneDatabase('the agent of a consumer of several processes', (fresh) => {
  /** A process as on a machine of its own. */
  async function startRole(t: TestContext, role: string, databaseUrl: string, blobs: string): Promise<DeckleServer> {
    const settings = { DECKLE_ROLES: role, DECKLE_BLOBS: blobs, DECKLE_BLOBS_SHARED: 'true' }
    return startServer(t, { dataDir: await testFolder(t), databaseUrl, settings })
  }

  test('does what any of them is asked for, and is known to each', { timeout: 120_000 }, async (t) => {
    const [databaseUrl, blobs] = [await fresh.preparedUrl(), join(await testFolder(t), 'blobs')]
    const first = await startRole(t, 'api', databaseUrl, blobs)
    const second = await startRole(t, 'api', databaseUrl, blobs)
    await startRole(t, 'worker', databaseUrl, blobs)
    const [root, state] = [await testFolder(t), await testFolder(t)]
    await writeFile(join(state, 'password'), passwordFile)
    const login = ['--user', 'admin', '--password-file', join(state, 'password')]
    const options = ['--root', root, '--state-dir', state]
    const agent = await ConsumerAgentProcess.start(t, first, 'roamer', [...options, ...login])

    const steps = new WorkFlowSteps(() => second, 'roamer')
    const kind = { importer: 'iso_importer', distributor: 'iso_distributor', note: 'iso-repo' }
    await steps.makeRepository('target', { ...kind, config: { serve_http: true, serve_https: false } })
    const bindings = () => readdir(join(root, 'etc/deckle/bindings'))
    await steps.bind()
    assert.deepEqual(await bindings(), ['target+web.json'])
    await agent.kill()
    await first.kill()
    const again = await ConsumerAgentProcess.start(t, second, 'roamer', options)
    await steps.move('flow/moved')
    await steps.deleteRepository('target', true)
    assert.deepEqual(await bindings(), [])
    await ask(second, 'DELETE', 'consumers/roamer/')
    assert.equal(await again.ended(), 1)
  })
})
