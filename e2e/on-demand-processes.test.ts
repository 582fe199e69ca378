import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { onEachDatabase } from '../src/testing/databases.ts'
import { ReadingClient } from '../src/testing/reading-client.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes } from './support/published.ts'
import { startServer, testFolder } from './support/servers.ts'

const mebibyte = 1024 * 1024
const large = randomBytes(3 * mebibyte).toString('base64')

onEachDatabase('two servers with one database and one blob folder', (fresh) => {
  test('fetch a file once for a hundred clients', async (t) => {
    const { servers, upstream, path } = await start(t, await fresh.preparedUrl())
    const requests = await upstream.requestsOf(async () => {
      const clients = Array.from({ length: 100 }, (_, index) => fetchBytes(`${servers[index % 2]?.url}${path}`))
      for (const bytes of await Promise.all(clients)) assert.ok(bytes.equals(Buffer.from(large)))
    })
    assert.deepEqual(requests, ['large'])
  })

  for (const [word, end] of [
    ['killed', (server: DeckleServer) => server.kill()],
    ['stopped', (server: DeckleServer) => server.stop()],
  ] as const) {
    test(`give clients the whole file when the one that fetches it is ${word} in the middle`, async (t) => {
      const { servers, upstream, path } = await start(t, await fresh.preparedUrl())
      upstream.fail('large', [{ body: large, stallAfter: 2 * mebibyte }, { body: large }])
      const [leader, follower] = servers
      const cut = await ReadingClient.get(portOf(leader), path)
      await cut.until(mebibyte)
      const client = await ReadingClient.get(portOf(follower), path)
      await client.until(mebibyte)
      await end(leader)
      assert.equal(await cut.body, undefined)
      assert.ok((await client.body)?.equals(Buffer.from(large)))
    })
  }
})

interface Started {
  readonly servers: readonly [DeckleServer, DeckleServer]
  readonly upstream: FolderUpstream
  /** Of the file that is published and not stored. */
  readonly path: string
}

async function start(t: TestContext, databaseUrl: string): Promise<Started> {
  const dataDir = await testFolder(t)
  const settings = { DECKLE_BLOBS: join(dataDir, 'blobs'), DECKLE_BLOBS_SHARED: 'true' }
  const first = await startServer(t, { dataDir, databaseUrl, settings })
  const second = { dataDir: await testFolder(t), databaseUrl, settings: { ...settings, DECKLE_ROLES: 'content' } }
  const folder = await temporaryFolder()
  await writePlainFiles(folder, { large })
  const upstream = await FolderUpstream.of(folder)
  const url = await makeFilesMirror(first, 'files', { feed: upstream.feed, download_policy: 'on_demand' })
  await syncWell(first, 'files')
  return { servers: [first, await startServer(t, second)], upstream, path: `${new URL(url).pathname}large` }
}

function portOf(server: DeckleServer): number {
  return Number(new URL(server.url).port)
}
