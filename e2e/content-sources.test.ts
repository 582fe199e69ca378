import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { startServer, testFolder } from './support/servers.ts'

const manifest = 'PULP_MANIFEST'

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, files)
  return folder
}

onOneDatabase('alternate content sources', (fresh) => {
  test('give files to syncs and to clients; what is corrupt or absent there comes from the next', async (t) => {
    const [first, later] = [
      { a: 'first', b: 'second', c: 'third' },
      { d: 'fourth', e: 'fifth' },
    ]
    const all = await folderOf({ ...first, ...later })
    const [absent, corrupt, near] = [
      await FolderUpstream.of(all),
      await FolderUpstream.of(all),
      await FolderUpstream.of(all),
    ]
    const sources = await temporaryFolder()
    for (const [priority, { feed }] of [absent, corrupt, near].entries()) {
      const text = `[source-${priority}]\nenabled: true\ntype: iso\npriority: ${priority}\nbase_url: ${feed}\nmax_concurrent: 1\n`
      await writeFile(join(sources, `${priority}.conf`), text)
    }
    const settings = { DECKLE_CONTENT_SOURCES: sources }
    const server = await startServer(t, {
      dataDir: await testFolder(t),
      databaseUrl: await fresh.preparedUrl(),
      settings,
    })
    const refresh = await call(server, 'POST', '/pulp/api/v2/content/sources/action/refresh/')
    assert.deepEqual(
      (await poll(server, refresh)).map(({ state }) => state),
      ['finished'],
    )
    await absent.server.close()
    corrupt.fail('a', { body: Buffer.from('FIRST') })
    corrupt.fail('d', { body: Buffer.from('FOURTH') })

    const upstream = await FolderUpstream.of(await folderOf(first))
    const url = await makeFilesMirror(server, 'immediate', { feed: upstream.feed })
    const fromNear = await near.requestsOf(async () => {
      const fromUpstream = await upstream.requestsOf(() => syncWell(server, 'immediate'))
      assert.deepEqual(fromUpstream, [manifest])
    })
    assert.deepEqual(fromNear, ['a'])
    for (const [name, text] of Object.entries(first)) assert.equal(String(await fetchBytes(url + name)), text)

    const other = await FolderUpstream.of(await folderOf(later))
    const published = await makeFilesMirror(server, 'later', { feed: other.feed, download_policy: 'on_demand' })
    await syncWell(server, 'later')
    const asked = await near.requestsOf(async () => {
      const fromUpstream = await other.requestsOf(async () => {
        for (const [name, text] of Object.entries(later)) assert.equal(String(await fetchBytes(published + name)), text)
      })
      assert.deepEqual(fromUpstream, [])
    })
    assert.deepEqual(asked, ['d'])
    assert.ok(corrupt.server.paths.includes('/u/e'))
  })
})
