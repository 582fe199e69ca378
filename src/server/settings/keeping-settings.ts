import { count, flag, logLevel, positive, text } from '../setting-values.ts'
import { setting } from './setting.ts'

/** What is kept, for how long, and what is told of it. */
export const keepingSettings = {
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
