import { join } from 'node:path'
import { Client } from 'pg'
import { makeLargeRepository } from '../e2e/support/large-repository.ts'
import { workerSlotsOf } from '../e2e/support/processes.ts'
import { followTasks, requireFinished } from '../src/clients/follow-tasks.ts'
import type { CallReport, NewRepository } from '../src/clients/pulp-answers.ts'
import { inBenchFolder } from './support/bench-folder.ts'
import { median, row } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { cpuSeconds } from './support/process-figures.ts'
import { type SplitServer, startSplitServer, workerName } from './support/split-server.ts'
import { blobsIn, generatedBy, rowsOf, TaskTimes } from './support/version-figures.ts'
import { createYumMirror, requirePackages } from './support/yum-mirror.ts'

const packages = Number(process.env['DECKLE_BENCH_METADATA_PACKAGES'] ?? 50_000)
const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)
/** Packages that a version takes out. */
const changed = 100

interface Stage {
  readonly split: SplitServer
  readonly folder: string
  readonly client: Client
}

/**
 * Promotion of 50,000 packages to another repository and rolling back, with their publications, against copying the same packages
 * and publishing them. Milliseconds are from the start of the task to its end, as the database has them, so that nobody's polling
 * counts; CPU is that of the worker slot and of PostgreSQL's sessions of the worker.
 */
export async function promote(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const upstream = join(bench.folder, 'upstream')
    await makeLargeRepository(upstream, packages, [])
    const nginx = await startNginx(join(bench.folder, 'nginx'), upstream)
    bench.defer(() => nginx.stop())
    const folder = join(bench.folder, 'deckle')
    const split = await startSplitServer(folder)
    bench.defer(() => split.stop())
    const client = new Client({ connectionString: split.databaseUrl })
    await client.connect()
    bench.defer(() => client.end())
    const stage = { split, folder, client }
    await arrange(stage, nginx.url)
    return table(await measureAll(stage))
  })
}

/** Two published versions of the repository `bench`, and two empty repositories. */
async function arrange(stage: Stage, feed: string): Promise<void> {
  const { client } = stage.split.server
  await createYumMirror(client, { feed, download_policy: 'on_demand' }, { autoPublish: false })
  await done(stage, client.sync('bench'))
  await requirePackages(client, packages)
  await done(stage, client.publish('bench', 'yum_distributor'))
  const { rows } = await stage.client.query<{ name: string }>(
    `SELECT metadata ->> 'name' AS name FROM unit ORDER BY id LIMIT ${changed}`,
  )
  const names = rows.map(({ name }) => name)
  await done(stage, client.removeUnits('bench', { filters: { unit: { name: { $in: names } } } }))
  await done(stage, client.publish('bench', 'yum_distributor'))
  for (const id of ['production', 'copied']) await client.createRepository(emptyRepository(id))
}

function emptyRepository(id: string): NewRepository {
  return {
    id,
    importer_type_id: 'yum_importer',
    importer_config: {},
    distributors: [
      {
        distributor_id: 'yum_distributor',
        distributor_type_id: 'yum_distributor',
        distributor_config: { relative_url: id, http: true, https: false },
        auto_publish: false,
      },
    ],
  }
}

async function measureAll(stage: Stage): Promise<readonly Measured[]> {
  const { client } = stage.split.server
  const found: Measured[] = []
  const measure = async (what: string, times: number, work: (round: number) => Promise<CallReport>) => {
    found.push(await measureOne(stage, what, times, work))
  }
  const promotion = (version: number) => client.promote('production', { id: 'bench', version })
  await measure(`promote ${packages} to an empty repository`, 1, () => promotion(1))
  await measure(`promote the next version, ${changed} packages less`, 1, () => promotion(2))
  await measure('promote versions 1 and 2 by turns', rounds * 2, (round) => promotion(1 + (round % 2)))
  await measure('roll back to versions 1 and 2 by turns', rounds * 2, (round) =>
    client.rollback('bench', 1 + (round % 2)),
  )
  await measure('promote what is there already', rounds, () => promotion(2))
  await measure('copy the same (`associate`)', 1, () => client.copyUnits('bench', 'copied'))
  await measure('… and publish it', 1, () => client.publish('copied', 'yum_distributor'))
  return found
}

interface Measured {
  readonly what: string
  /** Of each task. */
  readonly milliseconds: readonly number[]
  /** CPU milliseconds of a task, on average. */
  readonly slot: number
  readonly database: number
  /** Inserted and changed by a task, on average. */
  readonly rows: number
  readonly blobs: number
  readonly bytes: number
  /** Of those that the publications show. */
  readonly newFiles: readonly string[]
}

async function measureOne(
  stage: Stage,
  what: string,
  times: number,
  work: (round: number) => Promise<CallReport>,
): Promise<Measured> {
  const before = {
    blobs: blobsIn(stage.folder),
    files: await generatedBy(stage.client),
    rows: await rowsOf(stage.client),
  }
  const taskTimes = await TaskTimes.since(stage.client)
  const cpu = await cpuNow(stage)
  for (let round = 0; round < times; round += 1) await done(stage, work(round))
  const used = await cpuNow(stage)
  const milliseconds = await taskTimes.read()
  const after = {
    blobs: blobsIn(stage.folder),
    files: await generatedBy(stage.client),
    rows: await rowsOf(stage.client),
  }
  return {
    what,
    milliseconds,
    slot: increase(cpu.slot, used.slot) / times,
    database: increase(cpu.database, used.database) / times,
    rows: (after.rows - before.rows) / times,
    blobs: after.blobs.count - before.blobs.count,
    bytes: after.blobs.bytes - before.blobs.bytes,
    newFiles: [...after.files].filter(([digest]) => !before.files.has(digest)).map(([, path]) => path),
  }
}

async function done({ split }: Stage, call: Promise<CallReport>): Promise<void> {
  const { client } = split.server
  requireFinished(await followTasks(client, (await call).spawned_tasks, { interval: 100 }))
}

/** CPU milliseconds until now, by process. */
async function cpuNow({ split, client }: Stage): Promise<Record<'slot' | 'database', ReadonlyMap<number, number>>> {
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE application_name = $1', [
    workerName,
  ])
  const of = (pids: readonly { pid: number }[]) =>
    new Map(pids.map(({ pid }) => [pid, cpuSeconds(pid) * 1000] as const))
  return { slot: of(workerSlotsOf(split.worker.pid ?? 0)), database: of(rows) }
}

/** Of processes that were there all the time, or began meanwhile; the worker keeps its connections. */
function increase(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  return [...after].reduce((sum, [pid, now]) => sum + now - (before.get(pid) ?? 0), 0)
}

function table(found: readonly Measured[]): string {
  const lines = found.map(({ what, milliseconds, slot, database, rows, blobs, bytes, newFiles }) =>
    row(
      what,
      `${median(milliseconds).toFixed(1)}${milliseconds.length > 1 ? ` (${Math.min(...milliseconds).toFixed(1)}–${Math.max(...milliseconds).toFixed(1)})` : ''}`,
      slot.toFixed(0),
      database.toFixed(0),
      rows.toFixed(0),
      `${blobs} / ${bytes}`,
      namesOf(newFiles),
    ),
  )
  return [
    `${packages} packages, on_demand; ms of the task from start to end: median (min–max); the rest is of one task on average, but for blobs and files`,
    '',
    row('what', 'ms', 'CPU ms, worker', 'CPU ms, PostgreSQL', 'rows written', 'blobs / bytes stored', 'files made'),
    row('---', '---:', '---:', '---:', '---:', '---:', '---'),
    ...lines,
    '',
  ].join('\n')
}

function namesOf(paths: readonly string[]): string {
  const names = Map.groupBy(paths, (path) => path.replace(/^.*\//, '').replace(/^[0-9a-f]{32,}-/, ''))
  return [...names].map(([name, { length }]) => (length > 1 ? `${length} × ${name}` : name)).join(', ') || 'none'
}
