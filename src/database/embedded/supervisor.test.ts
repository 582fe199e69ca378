import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, mkdir, mkdtemp, readdir, rm, stat, watch, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { DeckleError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { livingPostmaster } from './postmaster-file.ts'
import { runProgram } from './run-program.ts'
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './supervisor.ts'

const isRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }
const childProgram = fileURLToPath(new URL('../../testing/supervising-process.ts', import.meta.url))

const noOrdinaryUser = await whyNobodyCannotRun()

suite('the embedded PostgreSQL', { concurrency: 2 }, () => {
  test('opens a database of its own by its password on a private socket, and leaves nothing when it stops', async (t) => {
    const folder = await serverFolder(t)
    const server = await start(t, { folder })
    assert.equal(server.adopted, false)
    const settings = await ask(server.url, settingsQuery)
    assert.deepEqual(settings, { ...expectedSettings, sockets: join(folder, 'run') })
    assert.equal((await stat(join(folder, 'run'))).mode & 0o777, 0o700)
    assert.equal((await stat(join(folder, 'password'))).mode & 0o777, 0o600)
    await assert.rejects(ask(withPassword(server.url, 'guessed'), 'SELECT 1'), /password authentication failed/)
    const running = await postmaster(folder)
    assert.equal(await ownerOf(running.pid), isRoot ? nobody.uid : process.getuid?.())
    await server.stop()
    assert.equal(await livingPostmaster(join(folder, 'data')), undefined)
    await assert.rejects(access(`/proc/${running.pid}`))
  })

  test('is run by one process only, and the second is told by which', async (t) => {
    const folder = await serverFolder(t)
    const server = await start(t, { folder })
    const second = startEmbeddedPostgres({ folder, log: silentLog })
    await assert.rejects(second, (error: unknown) => {
      assert.ok(error instanceof DeckleError)
      assert.equal(error.kind, 'conflict')
      assert.match(error.message, new RegExp(`process ${process.pid} .*DECKLE_DATABASE_URL`))
      return true
    })
    assert.deepEqual(await ask(server.url, 'SELECT 1 AS one'), { one: 1 })
  })

  test('survives the kill of the process that ran it and is taken over with all its rows', async (t) => {
    const folder = await serverFolder(t)
    const child = await supervisingChild(t, folder)
    await ask(child.url, 'CREATE TABLE kept AS SELECT generate_series(1, 300) AS number')
    const before = await postmaster(folder)
    child.process.kill('SIGKILL')
    await once(child.process, 'exit')
    const server = await start(t, { folder })
    assert.equal(server.adopted, true)
    assert.equal((await postmaster(folder)).pid, before.pid)
    assert.deepEqual(await ask(server.url, 'SELECT count(*)::int AS count FROM kept'), { count: 300 })
    await server.stop()
    assert.equal(await livingPostmaster(join(folder, 'data')), undefined)
  })

  test('is started again when it is killed, with all its rows', async (t) => {
    const folder = await serverFolder(t)
    const told: string[] = []
    const back = Promise.withResolvers<void>()
    const changed = (state: 'down' | 'up') => {
      told.push(state)
      if (state === 'up') back.resolve()
    }
    const server = await start(t, { folder, changed })
    await ask(server.url, 'CREATE TABLE kept AS SELECT generate_series(1, 300) AS number')
    process.kill((await postmaster(folder)).pid, 'SIGKILL')
    await back.promise
    assert.deepEqual(told, ['down', 'up'])
    assert.deepEqual(await ask(server.url, 'SELECT count(*)::int AS count FROM kept'), { count: 300 })
  })

  test('starts after a start that was given up while its files were made', async (t) => {
    const folder = await serverFolder(t)
    const giveUp = new AbortController()
    const first = startEmbeddedPostgres({ folder, log: silentLog, signal: giveUp.signal })
    const outcome = assert.rejects(first, { kind: 'cancelled' })
    await appearance(folder, 'init-')
    giveUp.abort()
    await outcome
    await mkdir(join(folder, 'init-killed', 'data'), { recursive: true })
    const server = await start(t, { folder })
    assert.deepEqual(await ask(server.url, 'SELECT 1 AS one'), { one: 1 })
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('init-')),
      [],
    )
  })

  test('refuses files of another major version and names the way over', async (t) => {
    const folder = await serverFolder(t)
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'PG_VERSION'), '17\n')
    if (isRoot) await chown(join(folder, 'data'), nobody.uid, nobody.gid)
    await assert.rejects(start(t, { folder }), { kind: 'invalid', message: /PostgreSQL 17.*brings 18.*deckle backup/ })
  })

  test('runs under an ordinary user as that user', { skip: noOrdinaryUser }, async (t) => {
    const folder = await serverFolder(t)
    await chown(folder, nobody.uid, nobody.gid)
    const child = await supervisingChild(t, folder, nobody)
    assert.equal(await ownerOf((await postmaster(folder)).pid), nobody.uid)
    assert.equal((await stat(join(folder, 'password'))).uid, nobody.uid)
    child.process.send('stop')
    await once(child.process, 'exit')
    assert.equal(await livingPostmaster(join(folder, 'data')), undefined)
  })
})

const settingsQuery = `
  SELECT current_database() AS database, current_setting('listen_addresses') AS listen,
    current_setting('unix_socket_directories') AS sockets, current_setting('fsync') AS fsync,
    (SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules) AS methods,
    (SELECT datcollate || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()) AS locale`
const expectedSettings = {
  database: 'deckle',
  listen: '',
  fsync: 'on',
  methods: 'scram-sha-256',
  locale: 'C.UTF-8 UTF8',
}

/** A folder that the server's user can come to, removed at the end of the test. */
async function serverFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deckle-embedded-'))
  await chmod(folder, 0o711)
  atEnd(t, async () => {
    await stopWhatIsLeft(folder)
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

const ends = new WeakMap<TestContext, AsyncDisposableStack>()

/** Ends what a test has started, the last first; `t.after` would end the first first. */
function atEnd(t: TestContext, action: () => Promise<void> | void): void {
  const stack = ends.get(t) ?? new AsyncDisposableStack()
  stack.defer(action)
  if (ends.has(t)) return
  ends.set(t, stack)
  t.after(() => stack.disposeAsync())
}

async function start(t: TestContext, options: Omit<EmbeddedOptions, 'log'>): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ ...options, log: silentLog })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= server.stop()
    return stopping
  }
  atEnd(t, stop)
  return { ...server, stop }
}

/** Another process that runs the server; it is killed at the end of the test. */
async function supervisingChild(t: TestContext, folder: string, identity = {}) {
  const options = { ...identity, cwd: '/', execArgv: [] }
  const child: ChildProcess = fork(childProgram, [folder], options)
  atEnd(t, () => void child.kill('SIGKILL'))
  const [message] = await once(child, 'message')
  assert.equal(message.error, undefined)
  return { process: child, url: String(message.url) }
}

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows[0]
  } finally {
    await client.end()
  }
}

function withPassword(url: string, password: string): string {
  return Object.assign(new URL(url), { password }).href
}

async function postmaster(folder: string): Promise<{ pid: number }> {
  const found = await livingPostmaster(join(folder, 'data'))
  assert.ok(found, 'no PostgreSQL runs')
  return found
}

async function ownerOf(pid: number): Promise<number> {
  return (await stat(`/proc/${pid}`)).uid
}

/** After a failed test, or one that killed the supervisor. */
async function stopWhatIsLeft(folder: string): Promise<void> {
  const left = await livingPostmaster(join(folder, 'data'))
  if (left !== undefined) process.kill(left.pid, 'SIGQUIT')
}

async function appearance(folder: string, prefix: string): Promise<void> {
  for await (const { filename } of watch(folder)) if (filename?.startsWith(prefix)) return
}

async function whyNobodyCannotRun(): Promise<string | false> {
  if (!isRoot) return 'the other tests run as an ordinary user already'
  const script = 'test -r "$1" && test -x "$2"'
  const { code } = await runProgram('/bin/sh', ['-c', script, 'sh', childProgram, process.execPath], nobody)
  return code === 0 ? false : 'the user nobody cannot read the sources here'
}
