import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { followTasks, requireFinished } from '../src/clients/follow-tasks.ts'
import { inBenchFolder } from './support/bench-folder.ts'
import { startDeckle } from './support/deckle-server.ts'
import { median, row } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { makePackageRepository } from './support/package-repository.ts'
import { runCommand } from './support/run-command.ts'
import { createYumMirror, requirePackages } from './support/yum-mirror.ts'

const packages = Number(process.env['DECKLE_BENCH_PACKAGES'] ?? 2000)
const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)
const packageBytes = 186_000

/**
 * Sync and publish of 2,000 packages from nginx on loopback, against `curl` with 16 connections and `sha256sum` of the same files
 * (nothing parsed, recorded or flushed to disk), against a bare loop in Node that downloads, hashes, writes and flushes the same files, and
 * against `dnf reposync`. They run in turn, round after round.
 */
export function syncAndPublish(): Promise<string> {
  return inBenchFolder(async ({ folder, defer }) => {
    const repository = await makePackageRepository(join(folder, 'build'), packages, packageBytes)
    const nginx = await startNginx(join(folder, 'nginx'), repository)
    defer(() => nginx.stop())
    const names = (await readdir(repository)).filter((name) => name.endsWith('.rpm'))
    const times = { deckle: [] as number[], curl: [] as number[], bare: [] as number[], reposync: [] as number[] }
    for (let round = 0; round < rounds; round += 1) {
      const place = (peer: string) => join(folder, `${peer}-${round}`)
      times.curl.push(await timeCurl(place('curl'), nginx.url, names))
      times.deckle.push(await timeDeckle(place('deckle'), nginx.url))
      times.bare.push(await timeBare(place('bare'), nginx.url, names))
      times.reposync.push(await timeReposync(place('reposync'), nginx.url))
    }
    return table(times)
  })
}

async function timeCurl(folder: string, url: string, names: readonly string[]): Promise<number> {
  const list = `${folder}.list`
  await writeFile(list, names.map((name) => `url = "${url}${name}"\noutput = "${join(folder, name)}"\n`).join(''))
  const curl = ['-sS', '--parallel', '--parallel-max', '16', '--create-dirs', '--config', list]
  const seconds = await runCommand('curl', curl)
  const sums = await runCommand('sh', ['-c', 'sha256sum -- *.rpm > sums'], folder)
  await rm(folder, { recursive: true })
  return seconds + sums
}

/** With as many threads for files as a worker slot has. */
async function timeBare(folder: string, url: string, names: readonly string[]): Promise<number> {
  const script = join(import.meta.dirname, 'support', 'bare-mirror.ts')
  const seconds = await runCommand('env', ['UV_THREADPOOL_SIZE=16', process.execPath, script, url, folder, ...names])
  await rm(folder, { recursive: true })
  return seconds
}

/** From the request to sync until the publish that it spawns has ended. */
async function timeDeckle(folder: string, feed: string): Promise<number> {
  const server = await startDeckle(folder)
  try {
    const { client } = server
    await createYumMirror(client, { feed, max_downloads: 16 }, { autoPublish: true })
    const begun = performance.now()
    requireFinished(await followTasks(client, (await client.sync('bench')).spawned_tasks, { interval: 50 }))
    const seconds = (performance.now() - begun) / 1000
    await requirePackages(client, packages)
    return seconds
  } finally {
    await server.stop()
    await rm(folder, { recursive: true })
  }
}

async function timeReposync(folder: string, url: string): Promise<number> {
  const configuration = `${folder}.conf`
  await writeFile(configuration, `[main]\ngpgcheck=0\nplugins=1\n[bench]\nname=bench\nbaseurl=${url}\n`)
  const seconds = await runCommand('dnf', [
    ...[
      '-c',
      configuration,
      '--disableplugin=local',
      '--setopt=reposdir=/nonexistent',
      `--setopt=cachedir=${folder}.cache`,
    ],
    ...['--setopt=max_parallel_downloads=16', 'reposync', '--repoid=bench', `--download-path=${folder}`],
  ])
  await rm(folder, { recursive: true })
  await rm(`${folder}.cache`, { recursive: true, force: true })
  return seconds
}

type Peer = 'curl' | 'bare' | 'reposync'

function table(times: Readonly<Record<'deckle' | Peer, readonly number[]>>): string {
  const against = (peer: Peer) => median(times.deckle.map((time, round) => time / (times[peer][round] ?? 1)))
  const figures = (values: readonly number[]) =>
    `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`
  return [
    `${packages} packages, ${Math.round((packages * packageBytes) / 1e6)} MB, ${rounds} rounds; seconds, median (min–max); ratios pair by pair`,
    '',
    row('what', 'seconds', 'Deckle takes × of it'),
    row('---', '---:', '---:'),
    row('Deckle: sync + publish', figures(times.deckle), '1.00'),
    row('curl ×16 + sha256sum', figures(times.curl), against('curl').toFixed(2)),
    row('bare loop in Node, with flushes', figures(times.bare), against('bare').toFixed(2)),
    row('dnf reposync', figures(times.reposync), against('reposync').toFixed(2)),
    '',
  ].join('\n')
}
