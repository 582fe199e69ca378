import { join } from 'node:path'
import { makeLargeRepository } from '../e2e/support/large-repository.ts'
import { memoryOf, peakMegabytes, workerSlotsOf } from '../e2e/support/processes.ts'
import { inBenchFolder } from './support/bench-folder.ts'
import { median, row } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { cpuOfCommand } from './support/process-figures.ts'
import { runCommand } from './support/run-command.ts'
import { cpuOfSlot, done } from './support/slot-figures.ts'
import { type SplitServer, startSplitServer } from './support/split-server.ts'
import { createYumMirror, requirePackages } from './support/yum-mirror.ts'

const packages = Number(process.env['DECKLE_BENCH_METADATA_PACKAGES'] ?? 50_000)
/** `mixed`: an upstream that lists its packages in no order. */
const listing = process.env['DECKLE_BENCH_LISTING'] === 'mixed' ? 'mixed' : 'by name'
const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)

interface Figures {
  gunzip: number
  sync: number
  seconds: number
  unchanged: number
  unchangedMs: number
  gzip: number
  publish: number
  zstd: number
  slot: number
  parent: number
  together: number
  published: number
}

/**
 * The metadata of 50,000 packages, mirrored on_demand: CPU of the task's process against `gunzip` of the same files, the peak of
 * the worker's processes, a second sync with nothing new, and a publish against `gzip -6` of what it writes.
 */
export async function largeMetadata(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const upstream = join(bench.folder, 'upstream')
    const files = await makeLargeRepository(upstream, packages, [], listing)
    const nginx = await startNginx(join(bench.folder, 'nginx'), upstream)
    bench.defer(() => nginx.stop())
    const found: Figures[] = []
    for (let round = 0; round < rounds; round += 1) {
      const gunzip = cpuOfCommand(`gunzip -c ${files.join(' ')}`)
      const folder = join(bench.folder, `round-${round}`)
      const split = await startSplitServer(folder)
      try {
        found.push({ gunzip, gzip: gzipOf(files), ...(await measure(split, nginx.url)) })
      } finally {
        await split.stop()
        await runCommand('rm', ['-rf', folder])
      }
    }
    return table(found)
  })
}

function gzipOf(files: readonly string[]): number {
  const both = cpuOfCommand(`gunzip -c ${files.join(' ')} | gzip -6`)
  return both - cpuOfCommand(`gunzip -c ${files.join(' ')}`)
}

async function measure({ server, worker }: SplitServer, feed: string): Promise<Omit<Figures, 'gunzip' | 'gzip'>> {
  const { client } = server
  await createYumMirror(client, { feed, download_policy: 'on_demand' }, { autoPublish: false })
  const begun = performance.now()
  const sync = await cpuOfSlot(worker, () => done(client, client.sync('bench')))
  const seconds = (performance.now() - begun) / 1000
  const synced = peaks(worker)
  await requirePackages(client, packages)
  const again = performance.now()
  const unchanged = await cpuOfSlot(worker, () => done(client, client.sync('bench')))
  const unchangedMs = performance.now() - again
  const publishAs = (compression: string) =>
    cpuOfSlot(worker, () =>
      done(client, client.publish('bench', 'yum_distributor', { metadata_compression: compression })),
    )
  const publish = await publishAs('gzip')
  const zstd = await publishAs('zstd')
  return {
    sync,
    seconds,
    unchanged: unchanged * 1000,
    unchangedMs,
    publish,
    zstd,
    ...synced,
    published: peaks(worker).together,
  }
}

function peaks({ pid = 0 }: SplitServer['worker']): Pick<Figures, 'slot' | 'parent' | 'together'> {
  const [slot] = workerSlotsOf(pid)
  if (slot === undefined) throw new Error('one worker slot was expected')
  return { slot: memoryOf(slot.pid).peak, parent: memoryOf(pid).peak, together: peakMegabytes([pid, slot.pid]) }
}

function table(found: readonly Figures[]): string {
  const of = (name: keyof Figures, digits = 2) => median(found.map((figures) => figures[name])).toFixed(digits)
  const ratio = (name: 'sync' | 'publish' | 'zstd', peer: 'gunzip' | 'gzip') =>
    median(found.map((figures) => figures[name] / figures[peer])).toFixed(2)
  return [
    `metadata of ${packages} packages, listed ${listing}, ${rounds} rounds; medians; CPU is that of the process named, PostgreSQL's apart`,
    '',
    row('what', 'figure', 'bar'),
    row('---', '---:', '---'),
    row('first sync, on_demand: CPU s of the slot', of('sync'), ''),
    row('the same in seconds on the clock', of('seconds'), ''),
    row('gunzip of the metadata: CPU s', of('gunzip'), ''),
    row('sync / gunzip', ratio('sync', 'gunzip'), '≤ 3'),
    row('unchanged sync: CPU ms of the slot', of('unchanged', 0), '≤ 30'),
    row('unchanged sync: ms from request to end, polled', of('unchangedMs', 0), ''),
    row('full publish: CPU s of the slot', of('publish'), ''),
    row('full publish / gzip -6', ratio('publish', 'gzip'), '≤ 1.3 (RPM in full)'),
    row('the same in zstd: CPU s of the slot', of('zstd'), ''),
    row('full publish in zstd / gzip -6', ratio('zstd', 'gzip'), '≤ 1.3 (RPM in full)'),
    row('peak of the slot until the sync has ended, MB', of('slot', 0), ''),
    row('peak of `deckle serve --role worker` itself, MB', of('parent', 0), ''),
    row('both together, pages that they share counted once, MB', of('together', 0), '≤ 200'),
    row('the same until the publish has ended, MB', of('published', 0), ''),
    '',
  ].join('\n')
}
