import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../e2e/support/published.ts'
import { followTasks, requireFinished } from '../src/clients/follow-tasks.ts'
import { type Bench, inBenchFolder } from './support/bench-folder.ts'
import { startDeckle } from './support/deckle-server.ts'
import { median, row } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { coldRequestsPerSecond, requestsPerSecond } from './support/wrk.ts'

const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)
const seconds = 3
const small = 4096
/** Files that are asked for once; a set of its own for each round. */
const coldFiles = 4000

interface Case {
  readonly name: string
  readonly bar: string
  /** Requests per second; `round` from 0. */
  measure(base: string, round: number): Promise<number>
}

/** Published files against nginx on the same folder: requests per second, one after the other, round after round. */
export async function serving(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const root = join(bench.folder, 'files')
    const cold = await makeFiles(root)
    const nginx = await startNginx(join(bench.folder, 'nginx'), root)
    bench.defer(() => nginx.stop())
    const servers = {
      one: await startPublished(bench, 'one', nginx.url, 1),
      two: await startPublished(bench, 'two', nginx.url, 2),
    }
    const peers = { nginx: nginx.url, one: servers.one, two: servers.two }
    const cases: Case[] = [
      { name: '4 KB, hot', bar: '≥ 0.8', measure: (base) => requestsPerSecond(`${base}4k`, 64, seconds) },
      { name: '64 KB, hot', bar: '≥ 0.65', measure: (base) => requestsPerSecond(`${base}64k`, 64, seconds) },
      { name: '50 MB', bar: '≥ 1.0', measure: (base) => requestsPerSecond(`${base}50m`, 4, seconds) },
      { name: '4 KB, each asked for once', bar: '≥ 0.2', measure: (base, round) => askOnce(bench, base, cold, round) },
    ]
    const lines: string[] = []
    for (const each of cases) lines.push(await compare(each, peers))
    return [
      `requests per second, medians of ${rounds} rounds of ${seconds} s; ratios to nginx (2 workers, sendfile) pair by pair`,
      '',
      row('what', 'nginx', 'Deckle', '× nginx', 'Deckle, 2 content processes', '× nginx', 'bar'),
      row('---', '---:', '---:', '---:', '---:', '---:', '---'),
      ...lines,
      '',
    ].join('\n')
  })
}

async function makeFiles(root: string): Promise<readonly string[]> {
  await mkdir(root, { recursive: true })
  const names: string[] = []
  const lines: string[] = []
  const make = async (name: string, bytes: number) => {
    const body = randomBytes(bytes)
    await writeFile(join(root, name), body)
    lines.push(`${name},${sha256(body)},${bytes}`)
  }
  for (const [name, bytes] of [
    ['4k', small],
    ['64k', 65_536],
    ['50m', 50_000_000],
  ] as const)
    await make(name, bytes)
  for (let index = 0; index < coldFiles * rounds; index += 1) {
    await make(`cold-${index}`, small)
    names.push(`cold-${index}`)
  }
  await writeFile(join(root, 'PULP_MANIFEST'), `${lines.join('\n')}\n`)
  return names
}

/** A server that has mirrored and published the files. Returns their address. */
async function startPublished(bench: Bench, name: string, feed: string, processes: number): Promise<string> {
  const server = await startDeckle(join(bench.folder, name), { DECKLE_CONTENT_PROCESSES: String(processes) })
  bench.defer(() => server.stop())
  await server.client.createRepository({
    id: 'bench',
    importer_type_id: 'iso_importer',
    importer_config: { feed },
    distributors: [
      {
        distributor_id: 'iso_distributor',
        distributor_type_id: 'iso_distributor',
        distributor_config: { serve_http: true, serve_https: false },
        auto_publish: true,
      },
    ],
  })
  requireFinished(await followTasks(server.client, (await server.client.sync('bench')).spawned_tasks))
  return `${server.url}/pulp/isos/bench/`
}

function askOnce(bench: Bench, base: string, names: readonly string[], round: number): Promise<number> {
  const { pathname } = new URL(base)
  const mine = names.slice(round * coldFiles, (round + 1) * coldFiles)
  return coldRequestsPerSecond(
    join(bench.folder, 'once.lua'),
    base,
    mine.map((name) => pathname + name),
  )
}

async function compare({ name, bar, measure }: Case, peers: Readonly<Record<'nginx' | 'one' | 'two', string>>) {
  const found = { nginx: [] as number[], one: [] as number[], two: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    found.nginx.push(await measure(peers.nginx, round))
    found.one.push(await measure(peers.one, round))
    found.two.push(await measure(peers.two, round))
  }
  const ratio = (peer: 'one' | 'two') =>
    median(found[peer].map((value, round) => value / (found.nginx[round] ?? 1))).toFixed(2)
  const figure = (peer: keyof typeof found) => median(found[peer]).toFixed(0)
  return row(name, figure('nginx'), figure('one'), ratio('one'), figure('two'), ratio('two'), bar)
}
