import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { chown, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onEachDatabase, onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { type DeckleServer, serverEnvironment } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, makeMirror, sync, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { inProject } from './support/project.ts'
import { fetchBytes } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { startServer, testFolder } from './support/servers.ts'
import { answersOf, publishedFiles, publishedPackages } from './support/whole-server.ts'

const program = inProject('src/cli/main.ts')
const limit = { timeout: 180_000 }
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

  test('is not restored over content or beside a server, and both are named', limit, async (t) => {
    const { file } = await smallBackup(t)
    const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.url() })
    assert.match((await failDeckle(['restore', file], server)).stderr, /stop every `deckle serve`/)
    await makeFilesMirror(server, 'mine', { feed: 'http://127.0.0.1:9/' })
    await server.stop()
    assert.match((await failDeckle(['restore', file], server)).stderr, /repository has rows.*DECKLE_DATABASE_URL/)
  })

  test('whose restore was killed is restored by the next try', limit, async (t) => {
    const { file } = await smallBackup(t)
    const target = { dataDir: await testFolder(t), databaseUrl: await fresh.url() }
    await killHalfWay(file, target)
    const server = await startServer(t, target)
    assert.deepEqual(await server.client.repositories(), [])
    await server.stop()
    await succeedDeckle(['restore', file], target)
    const again = await startServer(t, target)
    assert.equal((await fetchBytes(`${again.url}/pulp/isos/things/one`)).toString(), 'first text')
  })
})

onOneDatabase('the file of a backup', (fresh) => {
  test('is for its owner only, is never overwritten, and is refused when it was cut off', limit, async (t) => {
    const { file, server } = await smallBackup(t)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.match((await failDeckle(['backup', file], server)).stderr, /exists; choose another name/)
    const { size } = await stat(file)
    await truncate(file, size - 1024)
    const target = { dataDir: await testFolder(t), databaseUrl: await fresh.url() }
    assert.match((await failDeckle(['restore', file], target)).stderr, /its end is missing. Nothing was changed/)
    assert.deepEqual(await readdir(target.dataDir), [])
  })

  test('may be a pipe from one server to another', limit, async (t) => {
    const { server } = await smallBackup(t)
    const target = { dataDir: await testFolder(t), databaseUrl: await fresh.url() }
    await pipeBackup(server, target)
    const copy = await startServer(t, target)
    assert.equal((await fetchBytes(`${copy.url}/pulp/isos/things/one`)).toString(), 'first text')
  })

  test(
    'without some stored files is made and named, and restored on demand: they are fetched again',
    limit,
    async (t) => {
      const { server, upstream } = await smallBackup(t)
      const blob = join(server.dataDir, 'blobs', upstream.sha256('one').slice(0, 1), upstream.sha256('one'))
      await rm(blob)
      const folder = await testFolder(t)
      const failed = await failDeckle(['backup', join(folder, 'a.tar')], server)
      assert.match(
        failed.stderr,
        new RegExp(`${upstream.sha256('one')}: it is missing\n.*lacks the right bytes of 1 `, 's'),
      )
      await succeedDeckle(['backup', join(folder, 'b.tar'), '--allow-damaged'], server)
      const target = { dataDir: await testFolder(t), databaseUrl: await fresh.url() }
      assert.match((await failDeckle(['restore', join(folder, 'b.tar')], target)).stderr, /without 1 damaged/)
      await succeedDeckle(['restore', join(folder, 'b.tar'), '--allow-damaged'], target)
      const copy = await startServer(t, target)
      assert.equal((await fetchBytes(`${copy.url}/pulp/isos/things/two`)).toString(), 'second text')
      assert.equal((await fetchBytes(`${copy.url}/pulp/isos/things/one`)).toString(), 'first text')
    },
  )

  test('need not hold the stored files where they are shared', limit, async (t) => {
    const { server } = await smallBackup(t)
    const file = join(await testFolder(t), 'database.tar')
    await succeedDeckle(['backup', '--without-blobs', file], server)
    await server.stop()
    const settings = { DECKLE_BLOBS: join(server.dataDir, 'blobs') }
    const target = { dataDir: await testFolder(t), databaseUrl: await fresh.url(), settings }
    await succeedDeckle(['restore', file], target)
    const copy = await startServer(t, target)
    assert.equal((await fetchBytes(`${copy.url}/pulp/isos/things/one`)).toString(), 'first text')
  })

  test('is made of a server that does not run, which then does not run either', limit, async (t) => {
    const { server } = await smallBackup(t)
    await server.stop()
    const file = join(await testFolder(t), 'stopped.tar')
    await succeedDeckle(['backup', file], server)
    await assert.rejects(stat(join(server.dataDir, 'postgres', 'data', 'postmaster.pid')), { code: 'ENOENT' })
  })
})

test('a folder without a server is not made one by a backup', limit, async (t) => {
  const dataDir = join(await testFolder(t), 'nothing')
  const file = join(await testFolder(t), 'a.tar')
  assert.match((await failDeckle(['backup', file], { dataDir })).stderr, /holds no database of Deckle/)
  await assert.rejects(stat(dataDir), { code: 'ENOENT' })
  await assert.rejects(stat(file), { code: 'ENOENT' })
})

test('a data folder of another PostgreSQL major is refused with the way over', limit, async (t) => {
  const dataDir = await testFolder(t)
  const data = join(dataDir, 'postgres', 'data')
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'PG_VERSION'), '17\n')
  if (process.getuid?.() === 0) await chown(data, 65_534, 65_534)
  const { stderr } = await failDeckle(['serve'], { dataDir })
  assert.match(stderr, /PostgreSQL 17.*brings 18.*deckle backup.*deckle restore/)
})

/** Which server a command is about. */
interface Place {
  readonly dataDir: string
  readonly databaseUrl?: string | undefined
  readonly settings?: Readonly<Record<string, string>>
}

function environmentOf({ dataDir, databaseUrl, settings = {} }: Place): Record<string, string> {
  return serverEnvironment({ dataDir, settings, ...(databaseUrl !== undefined && { databaseUrl }) })
}

async function succeedDeckle(args: readonly string[], place: Place) {
  const outcome = await deckle(args, environmentOf(place))
  assert.equal(outcome.code, 0, outcome.stderr)
  return outcome
}

async function failDeckle(args: readonly string[], place: Place) {
  const outcome = await deckle(args, environmentOf(place))
  assert.equal(outcome.code, 1, outcome.stderr)
  return outcome
}

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

async function smallBackup(t: TestContext) {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, { one: 'first text', two: 'second text' })
  const upstream = await FolderUpstream.of(folder)
  const server = await startServer(t, { dataDir: await testFolder(t) })
  await makeFilesMirror(server, 'things', { feed: upstream.feed })
  await syncWell(server, 'things')
  const file = join(await testFolder(t), 'backup.tar')
  await succeedDeckle(['backup', file], server)
  return { file, server, upstream }
}

/** Gives a restore a part of a file, and kills it while it waits for the rest inside its transaction. */
async function killHalfWay(file: string, target: Place & { readonly databaseUrl: string }): Promise<void> {
  const child = spawn(process.execPath, [program, 'restore', '-'], {
    env: environmentOf(target),
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(child, 'close')
  const { size } = await stat(file)
  createReadStream(file, { end: Math.floor(size / 3) }).pipe(child.stdin, { end: false })
  const watcher = new pg.Client({ connectionString: target.databaseUrl })
  await watcher.connect()
  await eventually(async () => (await watcher.query(restoringSql)).rowCount === 1)
  child.kill('SIGKILL')
  await ended
  await watcher.end()
}

const restoringSql = `
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deckle restore'
  AND xact_start IS NOT NULL AND wait_event = 'ClientRead'`

async function pipeBackup(from: Place, to: Place): Promise<void> {
  const writer = spawn(process.execPath, [program, 'backup', '-'], { env: environmentOf(from) })
  const reader = spawn(process.execPath, [program, 'restore', '-'], { env: environmentOf(to) })
  writer.stderr.pipe(process.stderr)
  reader.stderr.pipe(process.stderr)
  writer.stdout.pipe(reader.stdin)
  const ends = await Promise.all([writer, reader].map((child) => once(child, 'close')))
  assert.deepEqual(
    ends.map(([code]) => code),
    [0, 0],
  )
}
