import { createHash, randomUUID } from 'node:crypto'
import { after, describe } from 'node:test'
import pg from 'pg'
import { silentLog } from '../core/log.ts'
import { type OpenDatabase, openDatabase } from '../database/connection.ts'
import { migrate } from '../database/migrate.ts'

/** A PostgreSQL that tests may make databases in; started by `scripts/test.mjs`. */
interface TestServer {
  readonly name: string
  /** Of its maintenance database, with the right to create others. */
  readonly url: string
  /** A database on it with the current schema, to copy; servers that the run did not start itself have none. */
  readonly template?: string
}

function testServers(): readonly TestServer[] {
  const text = process.env['DECKLE_TEST_SERVERS']
  if (text === undefined) throw new Error('no test database: run `npm test -- <file>` instead of node --test')
  return JSON.parse(text) as TestServer[]
}

async function administer(server: TestServer, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

type CleanUp = () => Promise<void>

/** The URL of a new database on `server`, empty or a copy of `template`, dropped when the suite ends. */
async function freshUrl(server: TestServer, cleanUps: CleanUp[], template = 'template1'): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(server, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  cleanUps.push(() => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(server.url)
  url.pathname = `/${name}`
  return url.href
}

export interface FreshDatabases {
  /** A database of its own with the current schema, open until the suite ends. */
  open(): Promise<OpenDatabase>
  /** The URL of an empty database, for programs that open it themselves. */
  url(): Promise<string>
  /** The URL of a database that has the current schema already, where that can be had for less than what the program needs to make it. */
  preparedUrl(): Promise<string>
}

/**
 * Declares a suite for every PostgreSQL version that Deckle promises to run on: for all of them in the long run, else for one, which
 * its title and the seed of the run decide.
 */
export function onEachDatabase(title: string, suite: (fresh: FreshDatabases) => void): void {
  const servers = testServers()
  const isLong = process.env['DECKLE_TEST_LONG'] === '1'
  const turn = numberOf(`${process.env['DECKLE_TEST_SEED']} ${title}`) % servers.length
  for (const server of isLong ? servers : servers.slice(turn, turn + 1)) declare(title, server, suite)
}

function numberOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE()
}

/** The same on one server only, for what does not depend on the database's version. */
export function onOneDatabase(title: string, suite: (fresh: FreshDatabases) => void): void {
  const [server] = testServers()
  if (server === undefined) throw new Error('DECKLE_TEST_SERVERS names no server')
  declare(title, server, suite)
}

/** Clean-up hangs on the suite: a hook that is registered inside another hook would run too early. */
function declare(title: string, server: TestServer, suite: (fresh: FreshDatabases) => void): void {
  describe(`${title} [${server.name}]`, () => {
    const cleanUps: CleanUp[] = []
    suite(freshDatabases(server, cleanUps))
    after(async () => {
      for (const cleanUp of cleanUps.toReversed()) await cleanUp()
    })
  })
}

function freshDatabases(server: TestServer, cleanUps: CleanUp[]): FreshDatabases {
  const preparedUrl = () => freshUrl(server, cleanUps, server.template)
  return {
    url: () => freshUrl(server, cleanUps),
    preparedUrl,
    async open() {
      const opened = openDatabase(await preparedUrl(), silentLog)
      cleanUps.push(() => opened.close())
      if (server.template === undefined) await migrate(opened.database)
      return opened
    },
  }
}
