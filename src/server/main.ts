import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { invalid } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { serverMark } from '../database/backup/server-mark.ts'
import { openDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { migrate } from '../database/migrate.ts'
import { ensureAdmin, ensureLocalToken } from '../operations/first-start.ts'
import { claimBlobFolder } from './claim-blob-folder.ts'
import { blobFolder, compose, type Services } from './compose.ts'
import { type Config, readConfig } from './config.ts'
import { serverConnections } from './connections.ts'
import { type DatabaseServer, startDatabase } from './database-server.ts'
import type { ProcessParts } from './handlers.ts'
import { HttpProcesses } from './http-processes.ts'
import { type Listeners, listenAll, reloadOnHangup, requireFreePorts } from './listeners.ts'
import { openLog } from './log.ts'
import { startMaintenance } from './maintenance.ts'
import { metricsText, ProcessMeters } from './metrics.ts'
import { tellAddresses } from './own-addresses.ts'
import { mirrorSample } from './sample.ts'
import { startScheduler } from './schedules.ts'
import { secretFilesIn } from './secret-files.ts'
import { roleNames } from './setting-values.ts'
import { keepHeapSmall } from './small-heap.ts'
import { sweepStaging } from './sweep-staging.ts'
import { isTlsOn, openTls, prepareTls } from './tls/open-tls.ts'
import type { TlsIdentities } from './tls/tls-identities.ts'
import { version } from './version.ts'
import { startWorkers } from './worker-pool.ts'

export interface ServeOptions {
  /** As DECKLE_ROLES; wins over it. */
  readonly roles?: string
}

/** Runs the server until it is told to stop; resolves when everything it started has ended. */
export async function serve(options: ServeOptions = {}): Promise<void> {
  keepHeapSmall()
  const roles = options.roles === undefined ? {} : { DECKLE_ROLES: options.roles }
  const config = readConfig({ ...process.env, ...roles })
  const log = openLog(config.logLevel)
  const stop = stopSignal(log)
  const started = new AsyncDisposableStack()
  try {
    await start(config, log, started, stop)
    if (!stop.aborted) await once(stop, 'abort')
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    await started.disposeAsync()
  }
}

/** Starts part after part; `started` ends them in the opposite order: HTTP, workers, database. */
async function start(config: Config, log: Log, started: AsyncDisposableStack, stop: AbortSignal): Promise<void> {
  requireWholeServer(config)
  await mkdir(config.dataDir, { recursive: true })
  const database = await startDatabase(config, log, stop)
  started.defer(() => database.stop())
  stop.throwIfAborted()
  await prepareStores(config, database.directUrl, log)
  const services = await compose(config, database.url, log, serverConnections)
  started.defer(() => services.opened.close())
  const password = onlyWorks(config) ? undefined : await prepareUsers(config, services)
  await sweepStaging(config, services.blobs, log)
  const control = new ControlConnection(database.directUrl, log)
  await control.attach(serverMark)
  await control.open()
  started.defer(() => control.close())
  const meters = new ProcessMeters()
  if (config.roles.has('worker')) {
    const workers = await startWorkers(config, database.url, control, services, log)
    started.defer(() => workers.stop())
    meters.fetchedBySlots = () => workers.fetchedBytes
    const scheduler = await startScheduler(services, control, log)
    started.defer(() => scheduler.stop())
    const maintenance = startMaintenance(config, database.directUrl, services, log)
    started.defer(() => maintenance.stop())
  }
  const urls = await startHttp(config, services, { control, database, log, meters, stop }, started)
  if (config.sample) await mirrorSample(services, log)
  announce(config, urls, password)
}

/** Roles on their own need a database and a folder of stored files that others share (DESIGN §2, process model). */
function requireWholeServer(config: Config): void {
  if (config.roles.size === roleNames.length) return
  if (config.databaseUrl === undefined) {
    throw invalid('a process with only some of the roles needs DECKLE_DATABASE_URL: the embedded PostgreSQL serves one')
  }
  if (config.blobs !== undefined && config.blobsShared) return
  throw invalid(
    'a process with only some of the roles shares its stored files with others: set DECKLE_BLOBS to the folder that all of them see, and DECKLE_BLOBS_SHARED=true',
  )
}

async function prepareStores(config: Config, url: string, log: Log): Promise<void> {
  const opened = openDatabase(url, log, 2)
  try {
    const made = await migrate(opened.database)
    if (made.length > 0) log.info('the database schema was brought up to date', { migrations: [...made] })
    await claimBlobFolder(opened.database, blobFolder(config))
  } finally {
    await opened.close()
  }
}

async function prepareUsers(config: Config, services: Services): Promise<string | undefined> {
  const secrets = secretFilesIn(config.dataDir)
  const password = await ensureAdmin(services.users, secrets, config.adminPassword)
  await ensureLocalToken(services.users, secrets)
  return password
}

interface HttpParts extends Omit<ProcessParts, 'metrics'> {
  readonly control: ControlConnection
  readonly database: DatabaseServer
}

async function startHttp(
  config: Config,
  services: Services,
  { control, database, ...parts }: HttpParts,
  started: AsyncDisposableStack,
): Promise<readonly string[]> {
  // Workers alone may run several on a machine: they take the port for health and metrics only when told to.
  if (onlyWorks(config) && !config.given.has('httpPort')) return []
  // Only now: the APIs are a third of the program, and a worker does without them.
  const { openHandlers } = await import('./handlers.ts')
  const processes = new HttpProcesses(parts.log)
  const metrics = metricsText(config, services, parts.meters, () => processes.families())
  const handlers = await openHandlers(config, services, control, { ...parts, metrics })
  started.defer(() => handlers.close())
  const shared = config.contentProcesses > 1 && !onlyWorks(config)
  const tls = isTlsOn(config) && !onlyWorks(config) ? await startTls(config, services, parts.log, started) : undefined
  if (tls !== undefined) {
    const hangup = reloadOnHangup(tls, parts.log, () => processes.signal('SIGHUP'))
    started.defer(() => hangup.stop())
  }
  if (shared) await requireFreePorts(config, tls !== undefined)
  const listeners = await listenAll(config, handlers, { shared, tls })
  started.defer(() => listeners.close())
  if (!onlyWorks(config)) await tellAddresses(config, services, listeners)
  if (shared) {
    started.defer(() => processes.stop())
    await processes.start(config.contentProcesses - 1, { metrics, env: childSettings(config, database, listeners) })
  }
  const own = config.httpUrl ?? listeners.http.url
  return [own, ...(listeners.https === undefined ? [] : [listeners.https.url])]
}

async function startTls(
  config: Config,
  { authority }: Services,
  log: Log,
  started: AsyncDisposableStack,
): Promise<TlsIdentities> {
  const kept = await prepareTls(config, authority, log)
  started.defer(() => kept?.stop())
  const identities = await openTls(config, log)
  started.defer(() => identities.close())
  return identities
}

/** What further processes are told: all settings of this one, and what only this one knows. */
function childSettings(config: Config, database: DatabaseServer, { http, https }: Listeners): NodeJS.ProcessEnv {
  const roles = [...config.roles].filter((role) => role !== 'worker')
  return {
    ...process.env,
    DECKLE_ROLES: roles.join(','),
    DECKLE_HTTP_PORT: String(http.port),
    ...(https !== undefined && { DECKLE_HTTPS_PORT: String(https.port) }),
    DECKLE_DATABASE_URL: database.url,
  }
}

function onlyWorks(config: Config): boolean {
  return !config.roles.has('api') && !config.roles.has('content')
}

/** For people, on standard output; the log goes to standard error. */
function announce(config: Config, [url, ...others]: readonly string[], password: string | undefined): void {
  const lines = [`Deckle ${version} is ready${url === undefined ? '' : ` at ${url}/`}`]
  for (const other of others) lines.push(`  and at ${other}/`)
  if (password !== undefined) {
    lines.push(`  user admin, password ${password} (kept in ${config.dataDir}/admin-password)`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Signals within this time are one request: systemd and timeout(1) signal us and the starter, which passes its own on. */
const sameRequestMs = 1000

/**
 * Aborts at the first SIGINT or SIGTERM; a further one ends the process at once. Those that come within a second of the first are
 * the same request: `timeout` and service managers send two.
 */
function stopSignal(log: Log): AbortSignal {
  const asked = new AbortController()
  let askedAt = 0
  const stop = (signal: NodeJS.Signals) => {
    if (asked.signal.aborted && performance.now() - askedAt < sameRequestMs) return
    if (asked.signal.aborted) process.exit(1)
    askedAt = performance.now()
    log.info('stopping', { signal })
    asked.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return asked.signal
}
