import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../e2e/support/published.ts'
import { saveIdentity, secureUrl } from '../e2e/support/secure-calls.ts'
import { followTasks, requireFinished } from '../src/clients/follow-tasks.ts'
import type { JsonObject } from '../src/core/json.ts'
import { TestAuthority } from '../src/testing/test-authority.ts'
import { provenRequestsPerSecond } from './support/ab.ts'
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
  measure(addresses: Addresses, round: number): Promise<number>
}

/** Of the same files. */
interface Addresses {
  readonly plain: string
  /** For clients with a certificate of the guard's authority. */
  readonly guarded: string
}

/** Published files against nginx on the same folder: requests per second, one after the other, round after round. */
export async function serving(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const root = join(bench.folder, 'files')
    const cold = await makeFiles(root)
    const guard = await makeGuard(bench.folder)
    const nginx = await startNginx(join(bench.folder, 'nginx'), root, guard.files)
    bench.defer(() => nginx.stop())
    const peers = {
      nginx: { plain: nginx.url, guarded: nginx.guardedUrl },
      one: await startPublished(bench, nginx.url, guard.authority, 1),
      two: await startPublished(bench, nginx.url, guard.authority, 2),
    }
    const cases: Case[] = [
      { name: '4 KB, hot', bar: '≥ 0.8', measure: ({ plain }) => requestsPerSecond(`${plain}4k`, 64, seconds) },
      { name: '64 KB, hot', bar: '≥ 0.65', measure: ({ plain }) => requestsPerSecond(`${plain}64k`, 64, seconds) },
      { name: '50 MB', bar: '≥ 1.0', measure: ({ plain }) => requestsPerSecond(`${plain}50m`, 4, seconds) },
      {
        name: '4 KB, each asked for once',
        bar: '≥ 0.2',
        measure: ({ plain }, round) => askOnce(bench, plain, cold, round),
      },
      {
        name: '4 KB, hot, protected: TLS and a client certificate',
        bar: '',
        measure: ({ guarded }) => provenRequestsPerSecond(`${guarded}4k`, guard.client, seconds),
      },
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

/** An authority of clients, one of them, and the server's own pair. */
async function makeGuard(folder: string) {
  const authority = await TestAuthority.make()
  const server = await saveIdentity(folder, 'server', await authority.server(['127.0.0.1']))
  const client = await authority.client('bench')
  const files = { ...server, authority: join(folder, 'authority.pem') }
  await writeFile(files.authority, authority.certificate)
  await writeFile(join(folder, 'client.both.pem'), client.certificate + client.key)
  return { authority: authority.certificate, files, client: join(folder, 'client.both.pem') }
}

/** A server that has mirrored and published the files, with TLS, so that the rule of access is looked at for each request. */
async function startPublished(bench: Bench, feed: string, authority: string, processes: number): Promise<Addresses> {
  const server = await startDeckle(join(bench.folder, `deckle-${processes}`), {
    DECKLE_CONTENT_PROCESSES: String(processes),
    DECKLE_HTTPS_PORT: '0',
  })
  bench.defer(() => server.stop())
  const distributor = (id: string, config: JsonObject) => ({
    ...{ distributor_id: id, distributor_type_id: 'iso_distributor', auto_publish: true },
    distributor_config: { relative_url: id, ...config },
  })
  await server.client.createRepository({
    id: 'bench',
    importer_type_id: 'iso_importer',
    importer_config: { feed },
    distributors: [
      distributor('plain', { serve_http: true, serve_https: false }),
      distributor('guarded', { serve_http: false, serve_https: true, ssl_auth_ca_cert: authority }),
    ],
  })
  requireFinished(await followTasks(server.client, (await server.client.sync('bench')).spawned_tasks))
  return {
    plain: `${server.url}/pulp/isos/plain/`,
    guarded: `${await secureUrl(server)}/pulp/isos/guarded/`,
  }
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

async function compare({ name, bar, measure }: Case, peers: Readonly<Record<'nginx' | 'one' | 'two', Addresses>>) {
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
