import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { adminPassword } from '../e2e/support/deckle-server.ts'
import { silentLog } from '../src/core/log.ts'
import { startEmbeddedPostgres } from '../src/database/embedded/supervisor.ts'
import { inBenchFolder } from './support/bench-folder.ts'
import { startDeckle } from './support/deckle-server.ts'
import { row } from './support/figures.ts'
import { connectHosts, FleetRecord, makeHosts } from './support/host-fleet.ts'
import { cpuSeconds } from './support/process-figures.ts'

const hosts = Number(process.env['DECKLE_BENCH_HOSTS'] ?? 10_000)
const authorization = `Basic ${btoa(`admin:${adminPassword}`)}`

interface Seen {
  readonly state: string
  readonly at: number
}

/**
 * A pull task over 10,000 hosts that one process simulates over as many real WebSockets, each as the agent talks: with a limit of a
 * tenth of them, and without one.
 */
export async function rollout(): Promise<string> {
  return inBenchFolder(async (bench) => {
    const postgres = await startEmbeddedPostgres({ folder: join(bench.folder, 'postgres'), log: silentLog })
    bench.defer(() => postgres.stop())
    const server = await startDeckle(join(bench.folder, 'data'), { DECKLE_DATABASE_URL: postgres.url })
    bench.defer(() => server.stop())
    const keys = await makeHosts(postgres.url, hosts)
    const idle = residentMegabytes(server.pid)
    const start = performance.now()
    const record = new FleetRecord()
    const sockets = await connectHosts(server.url, keys, record)
    bench.defer(async () => {
      for (const socket of sockets) socket.terminate()
    })
    const connected = (performance.now() - start) / 1000
    const lines = [
      `${hosts} hosts over real WebSockets, connected in ${connected.toFixed(1)} s; the server grew from ${idle} to ${residentMegabytes(server.pid)} MB`,
      '',
      row(
        'limit',
        'most at once',
        'whole task s',
        'last report → final state ms',
        'progress fell',
        'CPU s',
        'server MB',
      ),
      row('---:', '---:', '---:', '---:', '---:', '---:', '---:'),
    ]
    for (const limit of ['10%', null]) lines.push(await measure(server, record, limit))
    return `${lines.join('\n')}\n`
  })
}

async function measure(
  { url, pid }: { readonly url: string; readonly pid: number },
  record: FleetRecord,
  parallelism: string | null,
): Promise<string> {
  Object.assign(record, new FleetRecord())
  const watched = await watch(url)
  const before = cpuSeconds(pid)
  const start = performance.now()
  const answer = await fetch(`${url}/v1/projects/1a5/pulltasks`, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify({
      image: `busybox:${parallelism ?? 'all'}`.replace('%', ''),
      ...(parallelism && { parallelism }),
    }),
  })
  if (answer.status !== 201) throw new Error(`no task was made: ${answer.status} ${await answer.text()}`)
  const end = await watched.ended
  if (record.ended !== hosts) throw new Error(`${record.ended} of ${hosts} hosts have pulled, the task is ${end.state}`)
  return row(
    parallelism ?? 'none',
    String(record.mostPulling),
    ((end.at - start) / 1000).toFixed(1),
    (end.at - record.lastEnd).toFixed(0),
    watched.fell() ? 'YES' : 'never',
    (cpuSeconds(pid) - before).toFixed(1),
    String(residentMegabytes(pid)),
  )
}

/** Follows the one pull task that runs, as a client does. */
async function watch(url: string) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/projects/1a5/subscribe?eventNames=resource.change`, {
    headers: { authorization },
  })
  const { promise, resolve } = Promise.withResolvers<Seen>()
  let [highest, fell] = [0, false]
  socket.on('message', (data) => {
    const { resourceType, data: { resource } = {} } = JSON.parse(String(data))
    if (resourceType !== 'pullTask') return
    const progress = Number(resource.transitioningProgress ?? highest)
    fell ||= progress < highest
    highest = Math.max(highest, progress)
    if (resource.transitioning === 'yes') return
    resolve({ state: resource.state, at: performance.now() })
    socket.terminate()
  })
  await new Promise((opened) => socket.once('open', opened))
  return { ended: promise, fell: () => fell }
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}
