import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { memoryOf } from '../e2e/support/processes.ts'
import { inBenchFolder } from './support/bench-folder.ts'
import { startDeckle } from './support/deckle-server.ts'
import { median, row } from './support/figures.ts'

const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)
const idleSeconds = 70

/** From the command to the first answer, with the embedded PostgreSQL to be started and with it running; memory when idle. */
export async function startUp(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const times = { first: [] as number[], cold: [] as number[], warm: [] as number[] }
    let idle = 0
    for (let round = 0; round < rounds; round += 1) {
      const folder = join(bench.folder, `round-${round}`)
      times.first.push(await timeStart(folder, 'stop'))
      times.cold.push(await timeStart(folder, 'kill'))
      // Killed, so that its PostgreSQL runs on and is adopted.
      times.warm.push(await timeStart(folder, 'stop'))
    }
    const server = await startDeckle(join(bench.folder, 'idle'))
    await pause(idleSeconds * 1000)
    idle = memoryOf(server.pid).now
    await server.stop()
    const seconds = (values: readonly number[]) => median(values).toFixed(2)
    return [
      `${rounds} rounds, medians`,
      '',
      row('what', 'figure', 'bar'),
      row('---', '---:', '---'),
      row('first start ever (initdb, schema): s to the first answer', seconds(times.first), ''),
      row('start with its PostgreSQL to be started: s', seconds(times.cold), '≤ 3'),
      row('start with its PostgreSQL running: s', seconds(times.warm), '≤ 1'),
      row(`idle server after ${idleSeconds} s, MB besides PostgreSQL`, idle.toFixed(0), '≤ 100'),
      '',
    ].join('\n')
  })
}

async function timeStart(folder: string, end: 'stop' | 'kill'): Promise<number> {
  const begun = performance.now()
  const server = await startDeckle(folder)
  const answer = await fetch(`${server.url}/pulp/api/v2/status/`)
  if (!answer.ok) throw new Error(`the first answer was ${answer.status}`)
  const seconds = (performance.now() - begun) / 1000
  await server[end]()
  return seconds
}
