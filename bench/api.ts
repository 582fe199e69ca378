import { fork } from 'node:child_process'
import { join } from 'node:path'
import { adminPassword } from '../e2e/support/deckle-server.ts'
import { silentLog } from '../src/core/log.ts'
import { startEmbeddedPostgres } from '../src/database/embedded/supervisor.ts'
import { type Bench, inBenchFolder } from './support/bench-folder.ts'
import { startDeckle } from './support/deckle-server.ts'
import { median, row } from './support/figures.ts'
import { fillTables, names, perName } from './support/large-catalog.ts'
import { type Latencies, measureLatencies, type Question } from './support/latencies.ts'

const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)
const load = { count: 2000, atOnce: 4 }
const root = '/pulp/api/v2'
const authorization = `Basic ${btoa(`admin:${adminPassword}`)}`

interface Case {
  readonly name: string
  readonly base: string
  question(index: number): Question
}

/** Single questions to a server with 1,000,000 units and 1,000,000 tasks: how long clients wait, p50 and p99. */
export async function api(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const postgres = await startEmbeddedPostgres({ folder: join(bench.folder, 'postgres'), log: silentLog })
    bench.defer(() => postgres.stop())
    const server = await startDeckle(join(bench.folder, 'data'), { DECKLE_DATABASE_URL: postgres.url })
    bench.defer(() => server.stop())
    const tasks = await fillTables(postgres.url)
    const floor = await startFloor(bench, postgres.url)
    const lines: string[] = []
    for (const one of casesOf(server.url, floor, tasks)) lines.push(await measure(one))
    return [
      `${load.count} requests a round, ${load.atOnce} at a time, medians of ${rounds} rounds`,
      '',
      row('what', 'p50 ms', 'p99 ms', 'bar'),
      row('---', '---:', '---:', '---'),
      ...lines,
      '',
    ].join('\n')
  })
}

function casesOf(base: string, floor: string, tasks: readonly string[]): readonly Case[] {
  const mirror = (index: number) => `pulp:repository:mirror-${(index * 7919) % names}`
  const name = (index: number) => ({ name: `package-${(index * 7919) % names}` })
  const search = (path: string, criteria: object): Question => ({ path: `${root}/${path}`, body: { criteria } })
  const cases: readonly [name: string, question: (index: number) => Question][] = [
    ['get a repository', (index) => ({ path: `${root}/repositories/repository-${index % 1000}/` })],
    [
      'the same with details: 1,000 units',
      (i) => ({ path: `${root}/repositories/repository-${i % 1000}/?details=true` }),
    ],
    [`list the ${perName} tasks of a tag`, (index) => ({ path: `${root}/tasks/?tag=${mirror(index)}` })],
    ['the same with a second tag', (index) => ({ path: `${root}/tasks/?tag=${mirror(index)}&tag=pulp:action:sync` })],
    ['poll a task', (index) => ({ path: `${root}/tasks/${tasks[index % tasks.length]}/` })],
    ['search a task by its id', (i) => search('tasks/search/', { filters: { task_id: tasks[i % tasks.length] } })],
    ['search tasks by a tag', (index) => search('tasks/search/', { filters: { tags: mirror(index) } })],
    ['search units by name', (index) => search('content/units/rpm/search/', { filters: name(index) })],
    [
      'search units of a repository by name',
      (index) =>
        search(`repositories/repository-${index % 1000}/search/units/`, {
          type_ids: ['rpm'],
          filters: { unit: { name: `package-${(index % 1000) * 200 + (index % 200)}` } },
        }),
    ],
  ]
  return [
    {
      name: 'floor: node:http and one row',
      base: floor,
      question: (index) => ({ path: `/${1 + ((index * 7919) % 1_000_000)}` }),
    },
    ...cases.map(([what, question]) => ({ name: what, base, question })),
  ]
}

async function measure({ name, base, question }: Case): Promise<string> {
  const found: Latencies[] = []
  for (let round = 0; round < rounds; round += 1) {
    found.push(await measureLatencies(base, { authorization }, (index) => question(index + round * load.count), load))
  }
  const figure = (values: readonly number[]) => median(values).toFixed(1)
  const bar = name.startsWith('floor') ? '' : '≤ 10'
  return row(name, figure(found.map(({ p50 }) => p50)), figure(found.map(({ p99 }) => p99)), bar)
}

/** The address of the server that does nothing but ask for a row. */
function startFloor(bench: Bench, databaseUrl: string): Promise<string> {
  const child = fork(join(import.meta.dirname, 'support', 'floor-server.ts'), [databaseUrl])
  bench.defer(
    () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill()
      }),
  )
  return new Promise((resolve, reject) => {
    child.once('message', (address: { readonly port: number }) => resolve(`http://127.0.0.1:${address.port}`))
    child.once('error', reject)
  })
}
