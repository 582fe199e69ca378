import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Value } from 'typebox/value'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { PulpTaskReport } from '../src/wire/pulp/task-report.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { call } from './support/pulp-calls.ts'
import { startServer, testFolder } from './support/servers.ts'

const events = '/pulp/api/v2/events/'
const sync = '/pulp/api/v2/repositories/told/actions/sync/'

interface Told {
  readonly event_type: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly call_report: unknown
}

/** Somebody who keeps what they are told, and answers with `status`. */
async function aHook(t: TestContext) {
  const told: Told[] = []
  const hook = { status: 200, told, url: '', asked: 0 }
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString()
    hook.asked += 1
    if (hook.status === 200) told.push(JSON.parse(body))
    response.writeHead(hook.status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return hook
}

onOneDatabase('events of a server', (fresh) => {
  test('reach their listeners in order, also those that were down for a while, over a restart', async (t) => {
    const settings = { DECKLE_EVENTS_RETRY_SECONDS: '1' }
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl(), settings }
    const first = await startServer(t, options)
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { 'hello.txt': 'hello' })
    const { feed } = await FolderUpstream.of(folder)
    await makeFilesMirror(first, 'told', { feed })
    const [steady, shaky] = [await aHook(t), await aHook(t)]
    shaky.status = 503
    for (const { url } of [steady, shaky]) {
      const listener = { notifier_type_id: 'http', notifier_config: { url }, event_types: ['*'] }
      assert.equal((await call(first, 'POST', events, listener)).status, 201)
    }
    await call(first, 'POST', sync)
    await eventually(() => steady.told.length >= 4)
    const order = ['repo.sync.start', 'repo.sync.finish', 'repo.publish.start', 'repo.publish.finish']
    assert.deepEqual(
      steady.told.map(({ event_type }) => event_type),
      order,
    )
    const [began, ended, publish] = steady.told
    assert.deepEqual(began?.payload, { repo_id: 'told' })
    const { result, added_count, id, _id } = Object(ended?.payload)
    assert.deepEqual([result, added_count, typeof id, _id], ['success', 1, 'string', undefined])
    assert.deepEqual(publish?.payload, { repo_id: 'told', distributor_id: 'iso_distributor' })
    for (const { call_report } of steady.told) assert.ok(Value.Check(PulpTaskReport, call_report))

    await eventually(() => shaky.asked > 0)
    assert.equal((await first.stop()).code, 0)
    shaky.status = 200
    await startServer(t, options)
    await eventually(() => shaky.told.length >= 4)
    assert.deepEqual(
      shaky.told.map(({ event_type }) => event_type),
      order,
    )
    assert.equal(steady.told.length, 4)
  })
})
