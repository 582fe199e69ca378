import { existsSync, statfsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/database/embedded/supervisor.ts'
import { makeTemplate } from './template.mjs'

/** The oldest PostgreSQL that Deckle promises to run on, as Debian 12 installs it. */
export const debian = { folder: '/usr/lib/postgresql/15/bin', major: 15 }

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Calls `work` with the servers of this run as the text of DECKLE_TEST_SERVERS, and removes them after it. A run that was
 * given servers uses those and starts none.
 */
export async function withServers(work) {
  if (process.env.DECKLE_TEST_SERVERS !== undefined) return work(process.env.DECKLE_TEST_SERVERS)
  const interrupted = new AbortController()
  // Before and after the tests nobody else would answer; we clean up and end.
  const interrupt = () => interrupted.abort()
  for (const name of interrupts) process.on(name, interrupt)
  const folder = await mkdtemp(join(placeOfData(), 'deckle-test-'))
  // Another user than root must come through to its data.
  await chmod(folder, 0o711)
  const servers = []
  try {
    servers.push(...(await startAll(folder, interrupted.signal)))
    return await work(JSON.stringify(await Promise.all(servers.map(describeServer))))
  } finally {
    await Promise.all(servers.map(({ server }) => server.stop()))
    await rm(folder, { recursive: true, force: true })
    for (const name of interrupts) process.off(name, interrupt)
  }
}

/** A folder in memory on most Linux systems. */
const memory = '/dev/shm'
const gibibyte = 1024 ** 3

/**
 * In memory where there is plenty of it: hundreds of databases are made and dropped, of hundreds of files each, which takes three times
 * the CPU on a disk. The long run has millions of rows.
 */
function placeOfData() {
  if (process.env.DECKLE_TEST_LONG === '1' || !existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > 4 * gibibyte && process.availableMemory() > 8 * gibibyte ? memory : tmpdir()
}

async function startAll(folder, signal) {
  const wanted = [{ name: 'embedded' }]
  if (existsSync(debian.folder)) wanted.push({ name: `postgresql-${debian.major}`, binaries: debian })
  const started = await Promise.allSettled(wanted.map((each) => startOne(folder, signal, each)))
  const failed = started.find(({ status }) => status === 'rejected')
  if (failed === undefined) return started.map(({ value }) => value)
  await Promise.all(started.map(({ value }) => value?.server.stop()))
  throw failed.reason
}

async function describeServer({ name, server }) {
  return { name, url: server.url, template: await makeTemplate(server.url) }
}

async function startOne(folder, signal, { name, binaries }) {
  const options = { folder: join(folder, name), log, signal, durable: false, maxConnections: 400 }
  const server = await startEmbeddedPostgres(binaries === undefined ? options : { ...options, binaries })
  return { name, server }
}

/** Only what goes wrong with a server is worth a line among the tests. */
const log = {
  info() {},
  warn: (message) => process.stderr.write(`${message}\n`),
  error: (message, fields) => process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`),
  with: () => log,
}
