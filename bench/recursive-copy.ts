import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeLargeRepository } from '../e2e/support/large-repository.ts'
import { peakMegabytes, workerSlotsOf } from '../e2e/support/processes.ts'
import { inBenchFolder } from './support/bench-folder.ts'
import { row } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { cpuOfSlot, done } from './support/slot-figures.ts'
import { type SplitServer, startSplitServer } from './support/split-server.ts'
import { createYumMirror, requirePackages } from './support/yum-mirror.ts'

const packages = Number(process.env['DECKLE_BENCH_METADATA_PACKAGES'] ?? 50_000)

/** What nothing provides, so that the lists of files of all packages are read for it. */
const seeker = { name: 'seeker', requires: ['/usr/share/nowhere/file'] }

/** Copies with what packages need, out of 50,000: CPU of the task's process, and the peak of the worker's two processes. */
export async function recursiveCopy(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const upstream = join(bench.folder, 'upstream')
    await makeLargeRepository(upstream, packages, [seeker])
    const nginx = await startNginx(join(bench.folder, 'nginx'), upstream)
    bench.defer(() => nginx.stop())
    const split = await startSplitServer(join(bench.folder, 'deckle'))
    bench.defer(() => split.stop())
    await createYumMirror(
      split.server.client,
      { feed: nginx.url, download_policy: 'on_demand' },
      { autoPublish: false },
    )
    await done(split.server.client, split.server.client.sync('bench'))
    await requirePackages(split.server.client, packages + 1)
    return table(await measureAll(split))
  })
}

interface Measured {
  readonly what: string
  readonly cpu: number
  /** MB. */
  readonly together: number
  readonly copied: number
}

async function measureAll(split: SplitServer): Promise<readonly Measured[]> {
  const one = { filters: { unit: { name: { $regex: '^alpha-beta.*-libs$' } } } }
  const files = { filters: { unit: { name: seeker.name } } }
  return [
    await measure(split, 'some of them', one, { recursive: true }),
    await measure(split, 'one that needs a file that primary does not list', files, { recursive: true }),
    await measure(split, 'all', {}, { recursive: true }),
    await measure(split, 'all, to where they are', {}, { recursive_conservative: true }, 'all'),
  ]
}

async function measure(
  { server: { client }, worker }: SplitServer,
  what: string,
  criteria: Readonly<Record<string, unknown>>,
  override: Readonly<Record<string, unknown>>,
  to = what,
): Promise<Measured> {
  const id = to.replaceAll(/\W/g, '-')
  if (to === what) await client.createRepository({ id, importer_type_id: 'yum_importer', importer_config: {} })
  const pids = [worker.pid ?? 0, ...workerSlotsOf(worker.pid ?? 0).map(({ pid }) => pid)]
  for (const pid of pids) forgetPeak(pid)
  const cpu = await cpuOfSlot(worker, () =>
    done(client, client.copyUnits('bench', id, { type_ids: ['rpm'], ...criteria }, override)),
  )
  const { content_unit_counts: counts } = await client.repository(id)
  return { what, cpu, together: peakMegabytes(pids), copied: counts['rpm'] ?? 0 }
}

/** From now on `VmHWM` is the peak since now (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

function table(found: readonly Measured[]): string {
  return [
    `${packages} packages, on_demand; CPU of the worker slot; the most memory of worker and slot together`,
    '',
    row('copy', 'packages in the target', 'CPU s', 'MB'),
    row('---', '---:', '---:', '---:'),
    ...found.map(({ what, cpu, together, copied }) => row(what, String(copied), cpu.toFixed(1), together.toFixed(0))),
    '',
  ].join('\n')
}
