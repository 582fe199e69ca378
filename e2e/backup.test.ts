import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onEachDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { succeedDeckle } from './support/backups.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, makeMirror, sync, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { startServer, testFolder } from './support/servers.ts'
import { answersOf, publishedFiles, publishedPackages } from './support/whole-server.ts'

const limit = { timeout: 400_000 }
const packages: PackageSpec[] = Array.from({ length: 12 }, (_, index) => ({ name: `package-${index}` }))

onEachDatabase('a backup', (fresh) => {
  const title = 'of an embedded server at work is the same server on another PostgreSQL, and embedded again'
  test(title, { ...limit, ...requireClients('rpmbuild', 'createrepo_c') }, async (t) => {
    const first = await startServer(t, { dataDir: await testFolder(t) })
    const upstream = await fillServer(first)
    const { release, call } = await holdSync(first, upstream, 'moving')
    const readers = keepReading(first)
    const file = join(await testFolder(t), 'first.tar')
    const before = await answersOf(first)
    await succeedDeckle(['backup', file], first)
    await readers.stop()

    const second = await restored(t, file, { databaseUrl: await fresh.url() })
    await showsTheSame(first, before, second)
    const copy = join(await testFolder(t), 'second.tar')
    const between = await answersOf(second)
    await succeedDeckle(['backup', copy], second)

    const third = await restored(t, copy, {})
    await showsTheSame(second, between, third)
    release()
    for (const server of [first, second, third]) {
      requireFinished(await follow(server, call))
      assert.equal((await fetchBytes(`${server.url}/pulp/isos/moving/held`)).toString(), 'held')
      await goesOn(server, upstream)
    }
  })
})

/** Versions, histories with good and bad ends, tasks with results and errors. */
async function fillServer(server: DeckleServer): Promise<FolderUpstream> {
  const folder = await temporaryFolder()
  await buildPackages(folder, packages)
  await writeMetadata(folder)
  const zoo = await FolderUpstream.of(folder)
  await makeMirror(server, 'zoo', { feed: zoo.feed, remove_missing: true })
  await syncWell(server, 'zoo')
  await buildPackages(folder, [{ name: 'package-0', version: '2.0' }, { name: 'new' }])
  await rm(join(folder, 'package-1-1.0-1.noarch.rpm'))
  await writeMetadata(folder)
  await zoo.update()
  await syncWell(server, 'zoo')
  await syncWell(server, 'zoo')
  zoo.fail('repodata/repomd.xml', { status: 404 })
  await sync(server, 'zoo')
  return movingMirror(server)
}

async function movingMirror(server: DeckleServer): Promise<FolderUpstream> {
  const folder = await temporaryFolder()
  const upstream = await FolderUpstream.of(folder)
  for (const files of [{ one: '1' }, { one: '1', two: '2 \\N "ü"' }]) {
    await writePlainFiles(folder, files)
    await upstream.update()
    if (files.two === undefined) await makeFilesMirror(server, 'moving', { feed: upstream.feed })
    await syncWell(server, 'moving')
  }
  await writePlainFiles(folder, { one: '1', two: '2 \\N "ü"', held: 'held' })
  await upstream.update()
  return upstream
}

/** A sync that waits for its upstream until `release`. */
async function holdSync(server: DeckleServer, upstream: FolderUpstream, id: string) {
  const release = upstream.holdBack('held')
  const asked = upstream.asked('held')
  const call = await server.client.sync(id)
  await asked
  return { release, call }
}

/** The sync that was under way runs again, and waits as it did. */
async function isHeld(server: DeckleServer): Promise<void> {
  await eventually(async () => (await server.client.tasks()).some(({ state }) => state === 'running'))
}

/** Two clients that never meet anything but what is published. */
function keepReading(server: DeckleServer) {
  let stopped = false
  const read = async () => {
    while (!stopped) {
      await publishedPackages(server, 'zoo')
      await publishedFiles(server, 'moving')
    }
  }
  const readers = Promise.all([read(), read()])
  return {
    async stop() {
      stopped = true
      await readers
    },
  }
}

async function restored(
  t: TestContext,
  file: string,
  { databaseUrl }: { databaseUrl?: string },
): Promise<DeckleServer> {
  const place = { dataDir: await testFolder(t), ...(databaseUrl !== undefined && { databaseUrl }) }
  await succeedDeckle(['restore', file], place)
  return startServer(t, place)
}

async function showsTheSame(
  original: DeckleServer,
  before: Record<string, unknown>,
  copy: DeckleServer,
): Promise<void> {
  await isHeld(copy)
  assert.deepEqual(withoutRunning(await answersOf(copy)), withoutRunning(before))
  assert.deepEqual(await publishedPackages(copy, 'zoo'), await publishedPackages(original, 'zoo'))
  assert.deepEqual(await publishedFiles(copy, 'moving'), await publishedFiles(original, 'moving'))
  assert.equal(await statusWithToken(copy, join(original.dataDir, 'cli-token')), 200)
  const pages = await Promise.all(
    [original, copy].map(async ({ url }) => (await fetchBytes(`${url}/pulp/repos/zoo/`)).toString()),
  )
  assert.equal(pages[1], pages[0])
}

async function statusWithToken(server: DeckleServer, file: string): Promise<number> {
  const authorization = `Bearer ${(await readFile(file, 'utf8')).trim()}`
  const { status } = await fetch(`${server.url}/pulp/api/v2/repositories/`, { headers: { authorization } })
  return status
}

/** The task that was running is queued again in the copy: when it began and how far it is are its own. */
function withoutRunning(answers: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(answers, (_key, value: unknown) => (isUnfinishedTask(value) ? 'unfinished' : value))
  return JSON.parse(text)
}

function isUnfinishedTask(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('task_id' in value) || !('state' in value)) return false
  return value.state === 'running' || value.state === 'waiting'
}

/** A copy is a whole server: it takes up what comes next. */
async function goesOn(server: DeckleServer, upstream: FolderUpstream): Promise<void> {
  await upstream.update()
  await server.client.createRepository({ id: 'next' })
  await syncWell(server, 'moving')
}
