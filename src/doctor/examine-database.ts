import { readStoreId } from '../blobs/store-marker.ts'
import { toErrorReport } from '../core/errors.ts'
import { type DatabaseFacts, inspectDatabase } from '../database/inspect.ts'
import { requireDirect } from '../database/require-direct.ts'
import { blobFolder } from '../server/compose.ts'
import type { Config } from '../server/config.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const oldestVersion = 150_000
/** Tasks and leases go by the database's clock, schedules, certificates and logs by ours. */
const mostClockSkewMs = 2_000

/** The database server and the schema in it. */
export async function* examineDatabase(config: Config, url: string): AsyncGenerator<Finding> {
  let facts: DatabaseFacts
  try {
    facts = await inspectDatabase(url)
  } catch (error) {
    return yield problem(
      'database',
      `does not answer: ${toErrorReport(error).message}`,
      'start it, or correct DECKLE_DATABASE_URL',
    )
  }
  yield versionOf(facts)
  yield* durabilityOf(facts)
  yield connectionsOf(facts, config)
  yield await sessionsOf(config, url)
  yield clockOf(facts)
  yield schemaOf(facts)
  yield await blobStoreOf(facts, blobFolder(config))
}

function versionOf({ version, versionNumber }: DatabaseFacts): Finding {
  if (versionNumber >= oldestVersion) return ok('database', `PostgreSQL ${version}`)
  return problem('database', `PostgreSQL ${version} is too old`, 'use PostgreSQL 15 or later')
}

const losses: Readonly<Record<string, string>> = {
  fsync: 'a power cut may destroy the database',
  full_page_writes: 'a power cut may destroy pages of the database',
  synchronous_commit: 'a crash may lose what was acknowledged',
}

function* durabilityOf({ durability }: DatabaseFacts): Generator<Finding> {
  const off = Object.entries(durability).filter(([, value]) => value === 'off')
  for (const [name] of off)
    yield problem('durability', `${name} is off: ${losses[name]}`, `set ${name} = on in postgresql.conf`)
  if (off.length === 0) yield ok('durability', Object.keys(durability).join(', '))
}

/** Connections of one process (design-notes §2): APIs, content, a slot's pool and control connection, our own control. */
function connectionsWanted({ roles, workers, contentProcesses }: Config): number {
  const api = 8
  const content = roles.has('content') ? 4 : 0
  const slots = roles.has('worker') ? workers * 5 : 0
  return (api + content + 1) * contentProcesses + slots
}

function connectionsOf({ maxConnections, openConnections }: DatabaseFacts, config: Config): Finding {
  const wanted = connectionsWanted(config)
  const message = `a server with these settings opens up to ${wanted}, PostgreSQL allows ${maxConnections} (${openConnections} are open)`
  if (wanted <= maxConnections) return ok('connections', message)
  return problem('connections', message, 'raise max_connections, or lower DECKLE_WORKERS')
}

async function sessionsOf(config: Config, url: string): Promise<Finding> {
  const check = 'sessions'
  try {
    await requireDirect({ url, directUrl: config.databaseDirectUrl })
    return ok(check, 'locks and notices reach PostgreSQL itself')
  } catch (error) {
    return problem(check, toErrorReport(error).message, 'see there')
  }
}

function clockOf({ clockAheadMs }: DatabaseFacts): Finding {
  const skew = Math.abs(clockAheadMs)
  if (skew <= mostClockSkewMs) return ok('clock', "goes as the database's")
  const message = `the database's clock is ${(skew / 1000).toFixed(1)} s ${clockAheadMs > 0 ? 'ahead' : 'behind'}`
  return warning('clock', message, 'synchronise both (NTP)')
}

function schemaOf({ missingMigrations, unknownMigrations, databaseBytes }: DatabaseFacts): Finding {
  if (unknownMigrations.length > 0) {
    const message = `was made by a newer Deckle (${unknownMigrations.join(', ')})`
    return problem('schema', message, 'run that version, or restore a backup from before it')
  }
  if (missingMigrations.length > 0) {
    return warning(
      'schema',
      `lacks ${missingMigrations.join(', ')}`,
      'the next start of the server brings it up to date',
    )
  }
  return ok('schema', `up to date, ${(databaseBytes / 1024 ** 2).toFixed(0)} MiB`)
}

async function blobStoreOf({ blobStore }: DatabaseFacts, folder: string): Promise<Finding> {
  const check = 'store id'
  const found = await readStoreId(folder).catch(() => undefined)
  if (blobStore === undefined || !blobStore.marked) return ok(check, 'the next start gives one')
  if (found === blobStore.id) return ok(check, 'folder and database belong together')
  const remedy = 'mount the right folder, or correct DECKLE_BLOBS or DECKLE_DATABASE_URL'
  const message = found === undefined ? 'is empty or not mounted' : 'belongs to another database'
  return problem(check, `the folder of the stored files, ${folder}, ${message}`, remedy)
}
