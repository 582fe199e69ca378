import { statfs } from 'node:fs/promises'
import type { Measurements } from '../core/measurements.ts'
import { PostgresMeasurements } from '../database/measurements.ts'
import { ContentMeter } from '../http/content/content-meter.ts'
import { RequestMeter } from '../http/kit/request-meter.ts'
import { counter, gauge, type MetricFamily, requestFamilies, sample } from '../http/operations/metric-family.ts'
import { ofProcess, printMetrics, processFamilies } from '../http/operations/print-metrics.ts'
import { blobFolder, type Services } from './compose.ts'
import type { Config } from './config.ts'
import { FetchMeter } from './fetch-meter.ts'

/** What this process counts by itself. */
export class ProcessMeters {
  readonly api = new RequestMeter()
  readonly content = new ContentMeter()
  /** What this process fetches, for requests on demand. */
  readonly fetched = new FetchMeter()
  /** What its worker slots have fetched; they come and go. */
  fetchedBySlots: () => number = () => 0

  async families(): Promise<readonly MetricFamily[]> {
    const { api, content, fetched } = this
    return [
      ...requestFamilies({ api, content: content.requests }),
      counter('deckle_content_sent_bytes_total', 'Bytes of published files that were sent.', [sample(content.bytes)]),
      counter('deckle_content_lookups_total', 'Published files asked for: stored here (hit) or fetched first (miss).', [
        sample(content.hits, { result: 'hit' }),
        sample(content.misses, { result: 'miss' }),
      ]),
      counter('deckle_upstream_received_bytes_total', 'Bytes that came from upstreams.', [
        sample(fetched.bytes + this.fetchedBySlots()),
      ]),
      ...(await processFamilies()),
    ]
  }
}

/** A scrape answers without what the database does not tell within this time. */
const patienceMs = 3_000

/** About the installation as a whole; every process that is asked tells the same. */
async function installationFamilies(measurements: Measurements): Promise<readonly MetricFamily[]> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), patienceMs)
  const measured = await Promise.race([measure(measurements).catch(() => undefined), late.promise])
  clearTimeout(timer)
  const up = gauge('deckle_database_up', 'Whether the database answers.', [sample(measured === undefined ? 0 : 1)])
  return [up, ...(measured ?? [])]
}

async function measure(measurements: Measurements): Promise<readonly MetricFamily[]> {
  const queue = await measurements.queue()
  const ended = await measurements.ended()
  const fetches = await measurements.fetches()
  const store = await measurements.store()
  return [
    gauge('deckle_tasks', 'Tasks that are not over, by state.', [
      sample(queue.waiting, { state: 'waiting' }),
      sample(queue.running, { state: 'running' }),
    ]),
    gauge('deckle_task_queue_age_seconds', 'How long the oldest task has waited that could run now.', [
      sample(queue.oldestReady),
    ]),
    counter(
      'deckle_tasks_ended_total',
      'Tasks that ended since the first scrape.',
      ended.map(({ operation, state, tasks }) => sample(tasks, { operation, state })),
    ),
    gauge('deckle_on_demand_fetches', 'Files that are being fetched on demand now.', [sample(fetches)]),
    ...(store === undefined
      ? []
      : [
          gauge('deckle_blobs', 'Stored files; counted at most once a minute.', [sample(store.blobs)]),
          gauge('deckle_blobs_bytes', 'Bytes of the stored files; counted at most once a minute.', [
            sample(store.bytes),
          ]),
          gauge('deckle_database_bytes', 'Size of the database; measured at most once a minute.', [
            sample(store.databaseBytes),
          ]),
        ]),
  ]
}

/** Of the disks under the folders; one that does not tell is left out. */
async function diskFamilies(folders: Readonly<Record<string, string>>): Promise<readonly MetricFamily[]> {
  const disks = await Promise.all(
    Object.entries(folders).map(async ([place, folder]) => {
      const disk = await statfs(folder).catch(() => undefined)
      return disk === undefined ? [] : [{ place, free: disk.bavail * disk.bsize, size: disk.blocks * disk.bsize }]
    }),
  )
  const known = disks.flat()
  return [
    gauge(
      'deckle_disk_free_bytes',
      'Free bytes of the disk.',
      known.map(({ place, free }) => sample(free, { place })),
    ),
    gauge(
      'deckle_disk_size_bytes',
      'Size of the disk.',
      known.map(({ place, size }) => sample(size, { place })),
    ),
  ]
}

/** The text of `/metrics`: this process, its `others` by name, and the installation. */
export function metricsText(
  config: Config,
  services: Services,
  meters: ProcessMeters,
  others: () => Promise<ReadonlyMap<string, readonly MetricFamily[]>>,
): () => Promise<string> {
  const measurements = new PostgresMeasurements(services.opened.database)
  const folders = { data: config.dataDir, blobs: blobFolder(config) }
  return async () => {
    const [installation, disks, own, rest] = await Promise.all([
      installationFamilies(measurements),
      diskFamilies(folders),
      meters.families(),
      others(),
    ])
    const children = [...rest].map(([name, families]) => ofProcess(families, name))
    return printMetrics([installation, disks, ofProcess(own, 'main'), ...children])
  }
}
