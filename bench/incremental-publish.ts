import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { describePackage } from '../e2e/support/large-package.ts'
import { makeLargeRepository } from '../e2e/support/large-repository.ts'
import type { PulpClient } from '../src/clients/pulp-client.ts'
import { type Bench, inBenchFolder } from './support/bench-folder.ts'
import { median, row } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { makePackageRepository } from './support/package-repository.ts'
import { cpuOfCommand } from './support/process-figures.ts'
import { cpuOfSlot, done } from './support/slot-figures.ts'
import { type SplitServer, startSplitServer } from './support/split-server.ts'
import { createYumMirror, requirePackages } from './support/yum-mirror.ts'

const many = Number(process.env['DECKLE_BENCH_METADATA_PACKAGES'] ?? 50_000)
const some = Number(process.env['DECKLE_BENCH_PACKAGES'] ?? 2000)
const rounds = Number(process.env['DECKLE_BENCH_ROUNDS'] ?? 5)

/**
 * CPU of the task's process for a publish after one of 50,000 packages has gone, with the parts of it that can be done by themselves; and
 * for one after one was added to 2,000, against `createrepo_c --update` on the same packages.
 */
export async function incrementalPublish(): Promise<string> {
  const large = await inBenchFolder(afterOneOfMany)
  return `${large}\n${await inBenchFolder(afterOneMore)}`
}

async function afterOneOfMany(bench: Bench): Promise<string> {
  const upstream = join(bench.folder, 'upstream')
  const files = await makeLargeRepository(upstream, many, [])
  const { split, client } = await mirrorOf(bench, upstream, many)
  const full = await cpuOfSlot(split.worker, () => publish(client))
  const times = { idle: [] as number[], cheap: [] as number[], always: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    await removePackage(client, round * 2)
    times.cheap.push(await cpuOfSlot(split.worker, () => publish(client)))
    times.idle.push(await cpuOfSlot(split.worker, () => publish(client)))
    await removePackage(client, round * 2 + 1)
    times.always.push(await cpuOfSlot(split.worker, () => publish(client, { open_checksum: 'always' })))
  }
  const all = files.join(' ')
  const hashing = await cpuOfHashing(files)
  const reference = cpuOfCommand(`gunzip -c ${all} | sha256sum`)
  return [
    `publish after one of ${many} packages, ${rounds} rounds, load ${loadavg()[0]?.toFixed(1)}; medians; CPU ms of the slot`,
    '',
    row('what', 'CPU ms', 'bar'),
    row('---', '---:', '---'),
    row('publish after one package has gone', ms(times.cheap), '≤ 150'),
    row('of that: the task itself, where there is nothing to publish', ms(times.idle), ''),
    row('of that: reading and hashing the three files, by itself', ms([hashing]), ''),
    row('the same publish with `open_checksum: always`', ms(times.always), ''),
    row('`gunzip` and `sha256sum` of the metadata', ms([reference]), `${ratio(times.always, reference)} × (≤ 1.3)`),
    row('the full publish before', ms([full]), ''),
    '',
  ].join('\n')
}

/** Of this process, seconds. */
async function cpuOfHashing(files: readonly string[]): Promise<number> {
  const before = process.cpuUsage()
  for (const file of files)
    createHash('sha256')
      .update(await readFile(file))
      .digest()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** One that the upstream describes, by its name; versions of a name there is one of. */
async function removePackage(client: PulpClient, index: number): Promise<void> {
  const [, name = ''] = /<name>(.*)<\/name>/.exec(describePackage(index * 997).primary) ?? []
  await done(client, client.removeUnits('bench', { type_ids: ['rpm'], filters: { unit: { name } } }))
}

async function afterOneMore(bench: Bench): Promise<string> {
  const upstream = await makePackageRepository(bench.folder, some, 1000)
  const aside = join(bench.folder, 'aside')
  await mkdir(aside)
  const names = (await readdir(upstream)).filter((name) => name.endsWith('.rpm')).slice(0, rounds)
  for (const name of names) await rename(join(upstream, name), join(aside, name))
  const update = () => cpuOfCommand(`createrepo_c --update ${upstream}`)
  update()
  const { split, client } = await mirrorOf(bench, upstream, some - names.length)
  await publish(client)
  const times = { deckle: [] as number[], createrepo: [] as number[] }
  for (const name of names) {
    await copyFile(join(aside, name), join(upstream, name))
    times.createrepo.push(update())
    await done(client, client.sync('bench'))
    times.deckle.push(await cpuOfSlot(split.worker, () => publish(client)))
  }
  await requirePackages(client, some)
  const ratios = times.deckle.map((seconds, round) => seconds / (times.createrepo[round] ?? 0))
  return [
    `publish of ${some} packages after one was added, ${names.length} rounds, load ${loadavg()[0]?.toFixed(1)}; medians; CPU ms`,
    '',
    row('what', 'CPU ms', 'bar'),
    row('---', '---:', '---'),
    row('Deckle: publish, the slot', ms(times.deckle), ''),
    row('`createrepo_c --update`', ms(times.createrepo), ''),
    row('Deckle / createrepo_c', median(ratios).toFixed(2), '≤ 0.1'),
    '',
  ].join('\n')
}

/** A server with the repository `bench`, synced and not published. */
async function mirrorOf(
  bench: Bench,
  upstream: string,
  packages: number,
): Promise<{ split: SplitServer; client: PulpClient }> {
  const nginx = await startNginx(join(bench.folder, 'nginx'), upstream)
  bench.defer(() => nginx.stop())
  const split = await startSplitServer(join(bench.folder, 'server'))
  bench.defer(() => split.stop())
  const { client } = split.server
  await createYumMirror(client, { feed: nginx.url, download_policy: 'on_demand' }, { autoPublish: false })
  await done(client, client.sync('bench'))
  await requirePackages(client, packages)
  return { split, client }
}

function publish(client: PulpClient, override: Readonly<Record<string, string>> = {}): Promise<void> {
  return done(client, client.publish('bench', 'yum_distributor', override))
}

function ms(seconds: readonly number[]): string {
  return (median(seconds) * 1000).toFixed(0)
}

function ratio(seconds: readonly number[], peer: number): string {
  return (median(seconds) / peer).toFixed(2)
}
