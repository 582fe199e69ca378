import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { chown, copyFile, cp, mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { onEachDatabase, onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import {
  environmentOf,
  failDeckle,
  type Place,
  sharedSmallBackup,
  smallBackup,
  succeedDeckle,
} from './support/backups.ts'
import { makeFilesMirror } from './support/mirrors.ts'
import { program } from './support/project.ts'
import { fetchBytes } from './support/published.ts'
import { startServer, testFolder } from './support/servers.ts'

const limit = { timeout: 400_000 }

const small = sharedSmallBackup()

onEachDatabase('a backup', (fresh) => {
  test('is not restored over content or beside a server, and both are named', limit, async (t) => {
    const { file } = small()
    const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.url() })
    assert.match((await failDeckle(['restore', file], server)).stderr, /stop every `deckle serve`/)
    await makeFilesMirror(server, 'mine', { feed: 'http://127.0.0.1:9/' })
    await server.stop()
    assert.match((await failDeckle(['restore', file], server)).stderr, /repository has rows.*DECKLE_DATABASE_URL/)
  })

  test('whose restore was killed is restored by the next try', limit, async (t) => {
    const { file } = small()
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
    const { file, server } = small()
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.match((await failDeckle(['backup', file], server)).stderr, /exists; choose another name/)
    const cut = join(await testFolder(t), 'cut.tar')
    await copyFile(file, cut)
    await truncate(cut, (await stat(file)).size - 1024)
    const target = { dataDir: await testFolder(t), databaseUrl: await fresh.url() }
    assert.match((await failDeckle(['restore', cut], target)).stderr, /its end is missing. Nothing was changed/)
    assert.deepEqual(await readdir(target.dataDir), [])
  })

  test('may be a pipe from one server to another', limit, async (t) => {
    const { server } = small()
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
    const { server } = small()
    const folder = await testFolder(t)
    const file = join(folder, 'database.tar')
    await succeedDeckle(['backup', '--without-blobs', file], server)
    const settings = { DECKLE_BLOBS: join(folder, 'blobs') }
    await cp(join(server.dataDir, 'blobs'), settings.DECKLE_BLOBS, { recursive: true })
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
