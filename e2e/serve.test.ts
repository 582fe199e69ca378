import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { followTasks, requireFinished } from '../src/clients/follow-tasks.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { answersOf, Dnf } from './support/dnf.ts'
import { filesBelow } from './support/folder-upstream.ts'
import { inProject } from './support/project.ts'
import { listPublished, sha256, statusOf } from './support/published.ts'
import { startServer, testFolder } from './support/servers.ts'

const sample = inProject('sample/repository')

onEachDatabase('deckle serve', (fresh) => {
  test('has no repository on an empty data folder', async (t) => {
    const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.url() })
    assert.deepEqual(await server.client.repositories(), [])
    assert.deepEqual(await server.client.tasks(), [])
    const { database_connection, known_workers } = await server.client.status()
    assert.equal(database_connection.connected, true)
    assert.ok(known_workers.length > 0)
    assert.equal(await statusOf(`${server.url}/pulp/repos/sample/repodata/repomd.xml`), 404)
    assert.equal((await server.stop()).code, 0)
  })

  const dnfTest = { ...requireClients('dnf', 'rpm') }
  test(
    'mirrors and publishes the sample where it is told to, and dnf takes it for its upstream',
    dnfTest,
    async (t) => {
      const server = await startServer(t, {
        dataDir: await testFolder(t),
        databaseUrl: await fresh.url(),
        settings: { DECKLE_SAMPLE: 'true' },
      })
      const url = await sampleUrl(server)
      const dnf = await Dnf.at(url)
      await dnf.install('deckle-press', 'deckle-hello')
      assert.deepEqual(await dnf.installed(), [
        'deckle-felt-3.2.1-1',
        'deckle-hello-1.1.0-1',
        'deckle-hello-data-1.1.0-1',
        'deckle-mould-3.2.1-1',
        'deckle-paper-2.0-3',
        'deckle-press-3.2.1-1',
      ])
      const upstream = await Dnf.at(pathToFileURL(sample).href)
      assert.deepEqual(await answersOf(dnf), await answersOf(upstream))
      for (const question of ['-l', '--requires', '--changelogs']) {
        assert.deepEqual(await dnf.repoquery(question), await upstream.repoquery(question), question)
      }
      await copiesWhole(dnf, url)
    },
  )
})

/** Waits until the sample is published. */
async function sampleUrl(server: DeckleServer): Promise<string> {
  await eventually(async () => (await server.client.tasks(['pulp:repository:sample'])).length > 0)
  requireFinished(await followTasks(server.client, await server.client.tasks(['pulp:repository:sample'])))
  return `${server.url}/pulp/repos/sample/`
}

/** What dnf copies from the publication are the sample's own packages, byte for byte. */
async function copiesWhole(dnf: Dnf, url: string): Promise<void> {
  const copy = await temporaryFolder()
  await dnf.reposync(copy)
  const packages = (await filesBelow(sample)).filter((path) => path.endsWith('.rpm'))
  const copied = (await filesBelow(copy)).filter((path) => path.endsWith('.rpm'))
  assert.equal(copied.length, packages.length)
  const listed = await listPublished(url)
  for (const path of packages) {
    const name = path.replace(/^.*\//, '')
    const entry = listed.find(({ href }) => href.endsWith(`/${name}`) || href === name)
    assert.ok(entry, name)
    const bytes = await readFile(join(copy, entry.href))
    assert.equal(sha256(bytes), sha256(await readFile(join(sample, path))), name)
    assert.equal(entry.checksum.value, sha256(bytes))
  }
}
