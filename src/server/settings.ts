import { availableParallelism } from 'node:os'
import { defaultDataFolder } from '../places/data-folder.ts'
import {
  addresses,
  count,
  flag,
  folder,
  folders,
  logLevel,
  modules,
  optionalFlag,
  optionalFolder,
  optionalText,
  port,
  positive,
  proxies,
  roles,
  text,
  words,
} from './setting-values.ts'

/** Reads the text of an environment variable or the value from the file; throws a plain message that says what is wanted. */
type Read<Value> = (value: unknown) => Value

export interface Setting<Value> {
  /** Where it stands in the file, `http.port`. */
  readonly key: string
  readonly environment: string
  readonly read: Read<Value>
  /** As if the user had written it; undefined means the setting is off. */
  readonly fallback: unknown
  readonly meaning: string
}

function setting<Value>(
  key: string,
  environment: string,
  read: Read<Value>,
  fallback: unknown,
  meaning: string,
): Setting<Value> {
  return { key, environment, read, fallback, meaning }
}

/** Every setting there is. The first word of the variable is always DECKLE. */
export const settings = {
  httpHost: setting('http.host', 'DECKLE_HTTP_HOST', text, '127.0.0.1', 'Address that the server listens on'),
  httpPort: setting(
    'http.port',
    'DECKLE_HTTP_PORT',
    port,
    8080,
    'Port of the APIs and of published content; 0 takes a free one',
  ),
  httpUrl: setting(
    'http.url',
    'DECKLE_HTTP_URL',
    optionalText,
    undefined,
    'Address that clients reach the server by, when it is another',
  ),
  trustProxy: setting(
    'http.trustProxy',
    'DECKLE_TRUST_PROXY',
    proxies,
    false,
    'Proxies whose X-Forwarded-Proto and X-Forwarded-Host are believed: false, true for all, or addresses and networks, separated by commas',
  ),
  tlsEnabled: setting(
    'tls.enabled',
    'DECKLE_TLS',
    optionalFlag,
    undefined,
    'Answer over TLS too; on when any other setting of TLS is given, false keeps it off',
  ),
  httpsPort: setting('https.port', 'DECKLE_HTTPS_PORT', port, 8443, 'Port of TLS; 0 takes a free one'),
  tlsCert: setting(
    'tls.cert',
    'DECKLE_TLS_CERT',
    folders,
    '',
    'Files of certificates in PEM, each with its chain, separated by colons; without them one is made',
  ),
  tlsKey: setting('tls.key', 'DECKLE_TLS_KEY', folders, '', 'Files of their private keys, in the same order'),
  tlsClientCa: setting(
    'tls.clientCa',
    'DECKLE_TLS_CLIENT_CA',
    optionalText,
    undefined,
    'File of authorities in PEM whose client certificates prove users and consumers to the Pulp API, beside those that Deckle gives out',
  ),
  tlsNames: setting(
    'tls.names',
    'DECKLE_TLS_NAMES',
    words,
    '',
    'Names and addresses that the certificate is made for, separated by commas; default those of this machine',
  ),
  maxBody: setting('http.maxBody', 'DECKLE_MAX_BODY', positive, 32, 'MiB that the body of an API request may have'),
  dataDir: setting(
    'dataDir',
    'DECKLE_DATA_DIR',
    folder,
    defaultDataFolder(),
    'Folder of everything that Deckle keeps; default var in a clone',
  ),
  databaseUrl: setting(
    'database.url',
    'DECKLE_DATABASE_URL',
    optionalText,
    undefined,
    'A PostgreSQL of version 15 or later; without it an embedded one is started',
  ),
  databaseDirectUrl: setting(
    'database.directUrl',
    'DECKLE_DATABASE_DIRECT_URL',
    optionalText,
    undefined,
    'The way around a pooler, for locks and notices, when DECKLE_DATABASE_URL leads through one',
  ),
  databaseUser: setting(
    'database.embeddedUser',
    'DECKLE_DATABASE_USER',
    optionalText,
    undefined,
    'User that the embedded PostgreSQL runs as when Deckle is started by root; default nobody',
  ),
  blobs: setting(
    'blobs',
    'DECKLE_BLOBS',
    optionalFolder,
    undefined,
    'Folder of the stored files; default blobs below the data folder',
  ),
  blobsShared: setting(
    'blobsShared',
    'DECKLE_BLOBS_SHARED',
    flag,
    false,
    'Says that all processes see the folder of DECKLE_BLOBS; needed where roles are split',
  ),
  roles: setting('roles', 'DECKLE_ROLES', roles, 'api,content,worker', 'What this process does: api, content, worker'),
  contentProcesses: setting(
    'content.processes',
    'DECKLE_CONTENT_PROCESSES',
    positive,
    1,
    'Processes that serve the APIs and published content on the same port',
  ),
  workers: setting(
    'workers',
    'DECKLE_WORKERS',
    count,
    Math.max(2, availableParallelism()),
    'Tasks that run side by side',
  ),
  workerMemory: setting('workerMemory', 'DECKLE_WORKER_MEMORY', count, 1024, 'Heap of one worker, MiB'),
  adminPassword: setting(
    'adminPassword',
    'DECKLE_ADMIN_PASSWORD',
    optionalText,
    undefined,
    'Password of admin; generated at the first start without it',
  ),
  feedDirs: setting(
    'feedDirs',
    'DECKLE_FEED_DIRS',
    folders,
    '',
    'Folders that file: feeds may read, separated by colons',
  ),
  exportDirs: setting(
    'exportDirs',
    'DECKLE_EXPORT_DIRS',
    folders,
    '',
    'Folders that distributors may write files into, separated by colons',
  ),
  plugins: setting(
    'plugins',
    'DECKLE_PLUGINS',
    modules,
    '',
    'Modules of further content families: absolute paths, separated by colons',
  ),
  upstreamAllow: setting(
    'upstream.allow',
    'DECKLE_UPSTREAM_ALLOW',
    addresses,
    '',
    'Private addresses or networks that upstreams may redirect to, separated by commas',
  ),
  upstreamStall: setting(
    'upstream.stallSeconds',
    'DECKLE_UPSTREAM_STALL_SECONDS',
    positive,
    60,
    'Seconds of silence, or of less than 1 KiB, after which a transfer from an upstream is given up and tried again',
  ),
  rancherAccessControl: setting(
    'rancher.accessControl',
    'DECKLE_RANCHER_ACCESS_CONTROL',
    flag,
    true,
    'Ask who calls the Rancher API; off makes everybody its administrator',
  ),
  allowOpen: setting(
    'allowOpen',
    'DECKLE_ALLOW_OPEN',
    flag,
    false,
    'Allow rancher.accessControl=off on an address that other machines reach',
  ),
  rolloutStall: setting(
    'rollout.stallSeconds',
    'DECKLE_ROLLOUT_STALL_SECONDS',
    positive,
    60,
    'Seconds after which a host that gives no sign, or is not connected, fails in a pull task',
  ),
  agentAliveSeconds: setting(
    'agent.aliveSeconds',
    'DECKLE_AGENT_ALIVE_SECONDS',
    positive,
    15,
    'Seconds between two signs of life of an agent; one that misses two is cut off',
  ),
  consumerTaskTimeout: setting(
    'consumer.taskTimeoutSeconds',
    'DECKLE_CONSUMER_TASK_TIMEOUT_SECONDS',
    positive,
    600,
    'Seconds after which a task ends in error that no agent of its consumer has accepted, or said a word of',
  ),
  contentSources: setting(
    'content.sources',
    'DECKLE_CONTENT_SOURCES',
    optionalFolder,
    undefined,
    'Folder of the files (*.conf) that declare alternate content sources',
  ),
  eventsAttempts: setting(
    'events.attempts',
    'DECKLE_EVENTS_ATTEMPTS',
    positive,
    8,
    'How often a listener is tried before an event is given up',
  ),
  eventsRetrySeconds: setting(
    'events.retrySeconds',
    'DECKLE_EVENTS_RETRY_SECONDS',
    positive,
    30,
    'Seconds from the first attempt to the second; doubled for each that follows',
  ),
  smtpUrl: setting(
    'smtp.url',
    'DECKLE_SMTP_URL',
    optionalText,
    undefined,
    'Mail server for listeners by email: smtp://user:password@host:port, smtps://…',
  ),
  smtpFrom: setting('smtp.from', 'DECKLE_SMTP_FROM', text, 'deckle@localhost', 'Sender of these mails'),
  signingKey: setting(
    'signing.key',
    'DECKLE_SIGNING_KEY',
    optionalText,
    undefined,
    'File of the private OpenPGP key that signs metadata, armored and without a passphrase; without it one is made',
  ),
  sample: setting('sample', 'DECKLE_SAMPLE', flag, false, 'Mirror the sample repository into an empty server'),
  platformVersion: setting(
    'pulp.platformVersion',
    'DECKLE_PULP_PLATFORM_VERSION',
    text,
    '2.8.7',
    'Version of Pulp that the status tells to clients',
  ),
  publicationGrace: setting(
    'publicationGrace',
    'DECKLE_PUBLICATION_GRACE',
    count,
    3600,
    'Seconds that a superseded publication stays reachable',
  ),
  blobGrace: setting(
    'blobGrace',
    'DECKLE_BLOB_GRACE',
    count,
    7200,
    'Seconds that stored files stay after nothing refers to them any more; more than publicationGrace + 10',
  ),
  metricsOpen: setting(
    'metrics.open',
    'DECKLE_METRICS_OPEN',
    flag,
    false,
    'Show /metrics to everybody, without a user or a token',
  ),
  freeSpaceFloor: setting(
    'storage.floor',
    'DECKLE_FREE_SPACE_FLOOR',
    count,
    1024,
    'MiB that must stay free on the disks of Deckle, else nothing more is mirrored; 0 switches that off',
  ),
  uploadsMaxBytes: setting(
    'uploads.maxBytes',
    'DECKLE_UPLOADS_MAX_BYTES',
    positive,
    20 * 1024 ** 3,
    'Bytes that one upload may have',
  ),
  uploadsKeepSeconds: setting(
    'uploads.keepSeconds',
    'DECKLE_UPLOADS_KEEP_SECONDS',
    positive,
    7 * 24 * 3600,
    'Seconds after which an upload that nobody writes to or imports is removed',
  ),
  retainVersions: setting(
    'retainVersions',
    'DECKLE_RETAIN_VERSIONS',
    positive,
    10,
    'Versions that a repository keeps, beside those that are published',
  ),
  taskRetention: setting(
    'taskRetention',
    'DECKLE_TASK_RETENTION',
    positive,
    7 * 24 * 3600,
    'Seconds that a finished task is kept',
  ),
  historyRetention: setting(
    'historyRetention',
    'DECKLE_HISTORY_RETENTION',
    positive,
    60 * 24 * 3600,
    'Seconds that an entry of a sync or publish history is kept',
  ),
  maintenanceInterval: setting(
    'maintenance.interval',
    'DECKLE_MAINTENANCE_INTERVAL',
    positive,
    60,
    'Seconds between two rounds of maintenance',
  ),
  logLevel: setting(
    'log.level',
    'DECKLE_LOG_LEVEL',
    logLevel,
    'info',
    'Least severe lines that are logged: debug, info, warn, error',
  ),
}

/** Variables of the command line and of the tests, which are no settings of the server. */
export const otherVariables = new Set([
  'DECKLE_CONFIG',
  'DECKLE_URL',
  'DECKLE_CA',
  'DECKLE_TOKEN',
  'DECKLE_DEBUG',
  'DECKLE_REQUIRE_CLIENTS',
  'DECKLE_ZYPPER',
])

/** Prefixes of variables that belong to tests and benchmarks. */
export const otherPrefixes = ['DECKLE_TEST_', 'DECKLE_BENCH_']
