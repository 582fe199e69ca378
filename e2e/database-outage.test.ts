import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { silentLog } from '../src/core/log.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/database/embedded/supervisor.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, read, SyncHistory } from './support/pulp-calls.ts'
import { newFolder, removeFolder, startServer } from './support/servers.ts'

const limit = { timeout: 120_000 }
const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`file-${index}`, `text ${index}`]))
const repositories = '/pulp/api/v2/repositories/'

/** A PostgreSQL that is not Deckle's own to supervise: it is stopped and started by somebody else. */
describe('an outage of the configured PostgreSQL', () => {
  let folder = ''
  let postgres: EmbeddedPostgres
  const start = async () => {
    postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: silentLog })
  }
  before(async () => {
    folder = await newFolder()
    await start()
  })
  after(async () => {
    await postgres.stop()
    await removeFolder(folder)
  })

  async function mirror(t: TestContext, id: string) {
    const server = await startServer(t, {
      dataDir: join(folder, 'data'),
      databaseUrl: postgres.url,
    })
    const content = await temporaryFolder()
    await writePlainFiles(content, files)
    const upstream = await FolderUpstream.of(content)
    const path = new URL(await makeFilesMirror(server, id, { feed: upstream.feed })).pathname
    await syncWell(server, id)
    await writePlainFiles(content, { ...files, late: `late ${id}` })
    await upstream.update()
    return { server, upstream, url: `${server.url}${path}` }
  }

  test('in the middle of a sync delays it, and what is served goes on being served', limit, async (t) => {
    const { server, upstream, url } = await mirror(t, 'synced')
    // The second time it is known.
    for (const _ of [1, 2]) assert.equal((await fetchBytes(`${url}file-3`)).toString(), 'text 3')
    const release = upstream.holdBack('late')
    const asked = upstream.asked('late')
    const sync = await server.client.sync('synced')
    await asked
    await postgres.stop()

    assert.equal((await fetchBytes(`${url}file-3`)).toString(), 'text 3')
    assert.equal(await statusOf(`${url}file-4`), 503, 'not known, so nobody can tell')
    assert.equal((await call(server, 'GET', repositories)).status, 503)
    assert.equal((await call(server, 'POST', `${repositories}synced/actions/sync/`, {})).status, 503)
    assert.equal((await call(server, 'GET', '/pulp/api/v2/status/')).status, 200)
    release()
    await start()
    requireFinished(await follow(server, sync))
    assert.equal((await fetchBytes(`${url}late`)).toString(), 'late synced')
    const history = read(SyncHistory, await call(server, 'GET', `${repositories}synced/history/sync/`))
    assert.deepEqual(
      history.map(({ result }) => result),
      ['success', 'success'],
    )
  })

  test('at any moment of a sync and its publish loses neither', limit, async (t) => {
    const { server, url } = await mirror(t, 'published')
    const sync = await server.client.sync('published')
    await postgres.stop()
    await start()
    requireFinished(await follow(server, sync))
    await untilServed(server, `${url}late`, 'late published')
  })
})

async function untilServed(server: DeckleServer, url: string, text: string): Promise<void> {
  await eventually(async () => (await statusOf(url)) === 200)
  assert.equal((await fetchBytes(url)).toString(), text, server.log)
}
