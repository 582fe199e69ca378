import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, type TestContext } from 'node:test'
import type { FreshDatabases } from '../../src/testing/databases.ts'
import { DeckleServer, type ServerOptions } from './deckle-server.ts'

/** A new empty folder that is removed when the test ends, after whatever was registered before it. */
export async function testFolder(t: TestContext): Promise<string> {
  const folder = await newFolder()
  t.after(() => removeFolder(folder))
  return folder
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deckle-e2e-'))
  // The user under whom root runs the embedded PostgreSQL must come through, or its files would lie elsewhere and stay.
  await chmod(folder, 0o711)
  return folder
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/**
 * One server for all tests of the suite that calls this, on a database without content and in an empty folder. A test that fails shows
 * what the server wrote during it.
 */
export function sharedServer(
  fresh: FreshDatabases,
  settings: () => Readonly<Record<string, string>> = () => ({}),
): () => DeckleServer {
  let server: DeckleServer | undefined
  let dataDir = ''
  let logBefore = 0
  before(async () => {
    dataDir = await newFolder()
    server = await DeckleServer.start({ dataDir, databaseUrl: await fresh.preparedUrl(), settings: settings() })
  })
  beforeEach(() => {
    logBefore = server?.log.length ?? 0
  })
  afterEach((t) => {
    if (server !== undefined && hasFailed(t)) show(server, logBefore)
  })
  after(async () => {
    await server?.stop()
    await removeFolder(dataDir)
  })
  return () => {
    if (server === undefined) throw new Error('the server is there only while tests run')
    return server
  }
}

/** A server for one test, which may kill it and start the next on the same folder. */
export async function startServer(t: TestContext, options: ServerOptions): Promise<DeckleServer> {
  const server = await DeckleServer.start(options)
  stopAfter(t, server)
  return server
}

/** Stops a server when the test ends, and shows what it wrote if the test has failed. */
export function stopAfter(t: TestContext, server: DeckleServer): void {
  t.after(async () => {
    await server.stop()
    if (hasFailed(t)) show(server)
  })
}

/** Node has it since version 21; its types do not yet. */
function hasFailed(t: object): boolean {
  return 'passed' in t && t.passed === false
}

/** What a server wrote, but for the many answers to those who wait for a task. */
function show(server: DeckleServer, from = 0): void {
  const polling = /"method":"GET","path":"\/pulp\/api\/v2\/tasks\/[^"]*","status":200/
  const lines = server.log
    .slice(from)
    .split('\n')
    .filter((line) => !polling.test(line))
  process.stderr.write(`--- the server at ${server.url} wrote:\n${lines.join('\n')}\n---\n`)
}
