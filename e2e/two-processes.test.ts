import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { onEachDatabase, onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { Cable } from './support/cable.ts'
import { requireClients } from './support/clients.ts'
import { adminPassword, DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { fetchAlone, refreshWhilePublishing } from './support/moving-repository.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { httpProcessesOf, isRunning } from './support/processes.ts'
import { isLong } from './support/project.ts'
import { statusOf } from './support/published.ts'
import { startServer, testFolder } from './support/servers.ts'

const movement = { refreshes: isLong ? 5_000 : 100, switches: isLong ? 200 : 8, readers: 2 }
const builders = requireClients('rpmbuild', 'createrepo_c')

/** One process of an installation, with a data folder of its own as on another machine. */
async function startRole(
  t: TestContext,
  role: string,
  databaseUrl: string,
  blobs: string,
  more: Readonly<Record<string, string>> = {},
): Promise<DeckleServer> {
  const settings = { DECKLE_ROLES: role, DECKLE_BLOBS: blobs, DECKLE_BLOBS_SHARED: 'true', ...more }
  return startServer(t, { dataDir: await testFolder(t), databaseUrl, settings })
}

onEachDatabase('api, content and worker as processes of their own', (fresh) => {
  test('start at once for the first time, and agree on schema, users and stored files', async (t) => {
    const [databaseUrl, blobs] = [await fresh.url(), join(await testFolder(t), 'blobs')]
    const started = await Promise.all(
      ['api', 'api', 'content', 'worker'].map((role) => startRole(t, role, databaseUrl, blobs)),
    )
    const [one, two] = started
    const [made] = await Promise.all([
      one?.client.createRepository({ id: 'made', notes: {} }),
      two?.client.createRepository({ id: 'made-too', notes: {} }),
    ])
    assert.ok(made)
    assert.equal((await two?.client.repositories())?.length, 2)
    assert.match(await readFile(join(blobs, 'store-id'), 'utf8'), /^[0-9a-f-]{36}\n$/)
  })

  test('show the living workers of all processes, and one that is killed no more', async (t) => {
    const [databaseUrl, blobs] = [await fresh.preparedUrl(), join(await testFolder(t), 'blobs')]
    const api = await startRole(t, 'api', databaseUrl, blobs)
    const names = async () => (await api.client.status()).known_workers.map(({ _id }) => _id.replace(/@.*/, '@'))
    assert.deepEqual(await names(), [])
    const small = await startRole(t, 'worker', databaseUrl, blobs, { DECKLE_WORKERS: '1' })
    const large = await startRole(t, 'worker', databaseUrl, blobs, { DECKLE_WORKERS: '2' })
    const always = ['reserved_resource_worker-0@', 'resource_manager@', 'scheduler@']
    assert.deepEqual((await names()).toSorted(), [...always, 'reserved_resource_worker-1@'].toSorted())
    await large.kill()
    await eventually(async () => (await names()).join() === always.join())
    await small.kill()
    await eventually(async () => (await names()).length === 0)
  })

  const title = `serve ${movement.refreshes} refreshes from two content processes, one of them deaf to switches, none broken`
  test(title, builders, async (t) => {
    const [databaseUrl, blobs] = [await fresh.preparedUrl(), join(await testFolder(t), 'blobs')]
    const api = await startRole(t, 'api', databaseUrl, blobs)
    const link = await Cable.to(t, databaseUrl)
    const [, ...content] = await Promise.all([
      startRole(t, 'worker', databaseUrl, blobs),
      startRole(t, 'content', databaseUrl, blobs),
      startRole(t, 'content', databaseUrl, blobs, { DECKLE_DATABASE_DIRECT_URL: link.url }),
    ])
    // Notices come on the control connection; all that is left to this process is to ask.
    link.cut()
    assert.equal(await statusOf(`${api.url}/pulp/repos/moving/repodata/repomd.xml`), 404)
    await refreshWhilePublishing(api, content, movement)
  })
})

onOneDatabase('a server with two content processes', (fresh) => {
  const settings = { DECKLE_CONTENT_PROCESSES: '2' }

  test('serves refreshes from both on one port while publications change, none broken', builders, async (t) => {
    const server = await startServer(t, {
      dataDir: await testFolder(t),
      databaseUrl: await fresh.preparedUrl(),
      settings,
    })
    await refreshWhilePublishing(server, [server], movement)
    const served = await servedBy(server)
    assert.deepEqual(Object.keys(served).sort(), ['content-1', 'main'])
    assert.ok(Object.values(served).every((requests) => requests > 0))
  })

  test('starts one that dies again, and takes it along when it stops', async (t) => {
    const server = await startServer(t, {
      dataDir: await testFolder(t),
      databaseUrl: await fresh.preparedUrl(),
      settings,
    })
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { 'hello.txt': 'hello' })
    const url = await makeFilesMirror(server, 'files', { feed: (await FolderUpstream.of(folder)).feed })
    await syncWell(server, 'files')
    const [first] = httpProcessesOf(server.pid)
    assert.ok(first)
    process.kill(first.pid, 'SIGKILL')
    await eventually(async () => {
      await fetchAlone(`${url}hello.txt`).catch(() => undefined)
      const served: Readonly<Record<string, number>> = await servedBy(server).catch(() => ({}))
      return served['content-1'] !== undefined
    })
    const [second] = httpProcessesOf(server.pid)
    assert.ok(second !== undefined && second.pid !== first.pid)
    assert.equal((await server.stop()).code, 0)
    assert.equal(isRunning(second.pid), false)
  })

  test('is refused the port of another server, which it would take connections from', async (t) => {
    const dataDir = await testFolder(t)
    const other = await startServer(t, {
      dataDir: await testFolder(t),
      databaseUrl: await fresh.preparedUrl(),
      settings,
    })
    const taken = { ...settings, DECKLE_HTTP_PORT: new URL(other.url).port }
    await assert.rejects(
      startServer(t, { dataDir, databaseUrl: await fresh.preparedUrl(), settings: taken }),
      /EADDRINUSE/,
    )
  })
})

onOneDatabase('a process with some of the roles', (fresh) => {
  test('refuses to start until its stored files are said to be shared', async (t) => {
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() }
    for (const extra of [{}, { DECKLE_BLOBS_SHARED: 'true' }, { DECKLE_BLOBS: '/srv/blobs' }]) {
      const start = DeckleServer.start({ ...options, settings: { DECKLE_ROLES: 'worker', ...extra } })
      await assert.rejects(start, /set DECKLE_BLOBS .*DECKLE_BLOBS_SHARED=true/)
    }
  })

  test('refuses to start on another folder than the one that the others use', async (t) => {
    const [databaseUrl, blobs] = [await fresh.preparedUrl(), join(await testFolder(t), 'blobs')]
    await startRole(t, 'api', databaseUrl, blobs)
    const unmounted = join(await testFolder(t), 'blobs')
    await assert.rejects(startRole(t, 'content', databaseUrl, unmounted), /not the folder of the stored files/)
  })
})

/** Requests for content that were answered with 200, by process. */
async function servedBy(server: DeckleServer): Promise<Readonly<Record<string, number>>> {
  const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`
  const text = await (await fetch(`${server.url}/metrics`, { headers: { authorization } })).text()
  const sample = /^deckle_http_requests_total\{process="([^"]+)",surface="content",method="GET",status="2xx"\} (\d+)$/gm
  return Object.fromEntries([...text.matchAll(sample)].map(([, process, requests]) => [process, Number(requests)]))
}
