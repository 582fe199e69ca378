import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onEachDatabase } from '../src/testing/databases.ts'
import { startPooler } from '../src/testing/pooler.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes } from './support/published.ts'
import { startServer, testFolder } from './support/servers.ts'

const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`file-${index}`, `text ${index}`]))
const pooler = { ...requireClients('pgbouncer'), timeout: 120_000 }

onEachDatabase('a server behind PgBouncer', (fresh) => {
  test('in transaction mode does not start, and says what to set', pooler, async (t) => {
    const databaseUrl = await startPooler(t, await fresh.url(), { mode: 'transaction' })
    const starting = startServer(t, { dataDir: await testFolder(t), databaseUrl })
    await assert.rejects(starting, /DECKLE_DATABASE_URL leads through a pooler .* DECKLE_DATABASE_DIRECT_URL/)
  })

  test('in transaction mode works with a direct way for its locks and notices', pooler, async (t) => {
    const direct = await fresh.url()
    const databaseUrl = await startPooler(t, direct, { mode: 'transaction', size: 6 })
    const settings = { DECKLE_DATABASE_DIRECT_URL: direct }
    await mirrorTwice(await startServer(t, { dataDir: await testFolder(t), databaseUrl, settings }))
  })

  test('in session mode works', pooler, async (t) => {
    const databaseUrl = await startPooler(t, await fresh.url(), { mode: 'session', size: 60 })
    await mirrorTwice(await startServer(t, { dataDir: await testFolder(t), databaseUrl }))
  })
})

/** Syncs, publishes and reads everything by many connections at once, changes upstream and does it again. */
async function mirrorTwice(server: DeckleServer): Promise<void> {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, files)
  const upstream = await FolderUpstream.of(folder)
  const url = await makeFilesMirror(server, 'zoo', { feed: upstream.feed })
  for (const text of ['first', 'second']) {
    const now = { ...files, news: text }
    await writePlainFiles(folder, now)
    await upstream.update()
    await syncWell(server, 'zoo')
    // Where clients begin; it is never answered from memory.
    await fetchBytes(`${url}PULP_MANIFEST`)
    const served = Object.keys(now).map(async (name) => [name, (await fetchBytes(url + name)).toString()] as const)
    assert.deepEqual(Object.fromEntries(await Promise.all(served)), now)
  }
  assert.ok(!/prepared statement/.test(server.log), server.log)
}
