import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { SeededRandom } from '../src/testing/seeded-random.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeMirror, syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { isLong } from './support/project.ts'
import { randomUniverse } from './support/random-universe.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const copies = isLong ? 200 : 5
const copiesFromTwo = isLong ? 200 : 2

/** Of each package what dnf cannot resolve. */
async function unresolvedAt(url: string): Promise<ReadonlyMap<string, readonly string[]>> {
  return unresolvedBy(await Dnf.at(url))
}

async function unresolvedBy(dnf: Dnf): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await dnf.run('--quiet', 'repoclosure')
  const unresolved = new Map<string, string[]>()
  let last: string[] = []
  for (const line of stdout.split('\n')) {
    const name = /^package: (\S+)/.exec(line)?.[1]
    if (name !== undefined) {
      last = []
      unresolved.set(name, last)
    } else if (line.startsWith('    ')) last.push(line.trim())
  }
  return unresolved
}

interface Leg {
  readonly from: string
  readonly to: string
  readonly url: string
}

const reposFile = (legs: readonly Leg[]) =>
  legs.map(({ to, url }) => `[${to}]\nname=${to}\nbaseurl=${url}\nenabled=1\ngpgcheck=0\n`).join('\n')

async function addMetadata(folder: string, type: string, text: string): Promise<void> {
  const path = join(await temporaryFolder(), `${type}.xml`)
  await writeFile(path, text)
  await succeed(clientPath('modifyrepo_c'), [`--mdtype=${type}`, path, join(folder, 'repodata')])
}

const listed = (name: string) => `<package name="${name}" version="1.0" release="1" epoch="0" arch="noarch"/>`
const updateinfo = `<updates><update type="security"><id>A-1</id><title>A</title>
  <pkglist><collection><name>all</name>${listed('bear')}${listed('gone')}</collection></pkglist></update></updates>`
const group = (id: string, name: string) =>
  `<group><id>${id}</id><name>${id}</name><packagelist><packagereq>${name}</packagereq></packagelist></group>`
const comps = `<comps>${group('birds', 'eagle')}${group('fish', 'trout')}<category><id>all</id><name>All</name>
  <grouplist><groupid>birds</groupid></grouplist></category></comps>`
const modules = `---
document: modulemd
version: 2
data:
  name: zoo
  stream: "1"
  version: 1
  context: "0000"
  arch: noarch
  summary: The zoo
  description: Animals
  license: {module: [MIT]}
  artifacts: {rpms: [lion-0:1.0-1.noarch]}
...
`
const animals: readonly PackageSpec[] = [
  { name: 'bear', requires: ['honey >= 1', '/usr/share/cave/data'] },
  ...[{ name: 'honey' }, { name: 'cave' }],
  { name: 'eagle', requires: ['(nest or tree)'] },
  ...[{ name: 'nest' }, { name: 'tree' }, { name: 'trout' }],
  ...[{ name: 'lion', requires: ['meat'] }, { name: 'meat' }],
]

onOneDatabase('recursive copies', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf')
  const server = sharedServer(fresh)

  async function copy(from: string, to: string, names: readonly string[], override: Readonly<Record<string, unknown>>) {
    const criteria = { type_ids: ['rpm'], filters: { unit: { name: { $in: names } } } }
    requireFinished(await follow(server(), await server().client.copyUnits(from, to, criteria, override)))
  }

  test('leave nothing unresolved that the source could resolve', {
    ...clients,
    timeout: copies * 30_000,
  }, async (t) => {
    const seed = randomInt(2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const folder = await temporaryFolder()
    const universe = randomUniverse(seed)
    await buildPackages(folder, universe)
    await writeMetadata(folder)
    const upstream = await FolderUpstream.of(folder)
    const source = await makeMirror(server(), 'universe', { feed: upstream.feed, download_policy: 'on_demand' })
    await syncWell(server(), 'universe')
    const unresolved = await unresolvedAt(source)
    assert.ok(unresolved.size > 0)

    const random = new SeededRandom(seed)
    const someNames = () => [1, 2].map(() => random.pick(universe)?.name ?? '')
    let copied = 0
    for (let number = 0; number < copies; number += 1) {
      const id = `copy-${number}`
      const url = await makeMirror(server(), id, {})
      await copy('universe', id, someNames(), { recursive: true })
      if (number % 2 === 1) await copy('universe', id, someNames(), { recursive_conservative: true })
      requireFinished(await follow(server(), await server().client.publish(id, 'yum_distributor')))
      for (const [name, missing] of await unresolvedAt(url)) {
        const beyond = missing.filter((one) => !unresolved.get(name)?.includes(one))
        assert.deepEqual(beyond, [], `${name} of ${id}, seed ${seed}`)
      }
      copied += (await server().client.repository(id)).content_unit_counts['rpm'] ?? 0
    }
    assert.ok(copied < copies * universe.length, 'some package was left out')
  })

  test('from two sources into two targets leave nothing unresolved, and put nothing where it should not be', {
    ...clients,
    timeout: copiesFromTwo * 30_000,
  }, async (t) => {
    const seed = randomInt(2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const random = new SeededRandom(seed)
    const universe = randomUniverse(seed)
    const isNear = new Map(universe.map(({ name }) => [name, random.below(2) === 0]))
    const [near, far] = [true, false].map((side) => universe.filter(({ name }) => isNear.get(name) === side))
    const sources: Leg[] = []
    for (const [id, packages] of [
      ['near', near ?? []],
      ['far', far ?? []],
    ] as const) {
      const folder = await temporaryFolder()
      await buildPackages(folder, packages)
      await writeMetadata(folder)
      const { feed } = await FolderUpstream.of(folder)
      const url = await makeMirror(server(), id, { feed, download_policy: 'on_demand' })
      await syncWell(server(), id)
      sources.push({ from: '', to: id, url })
    }
    const unresolved = await unresolvedBy(await Dnf.with(reposFile(sources)))
    const named = async (url: string) => new Set(await (await Dnf.at(url)).repoquery('--qf', '%{name}'))
    const someNames = () => [1, 2, 3].map(() => random.pick(near ?? [])?.name ?? '')
    let crossed = 0
    for (let number = 0; number < copiesFromTwo; number += 1) {
      const [own, other] = [`own-${number}`, `other-${number}`]
      const legs: Leg[] = [
        { from: 'near', to: own, url: await makeMirror(server(), own, {}) },
        { from: 'far', to: other, url: await makeMirror(server(), other, {}) },
      ]
      const additional = { additional_repos: { far: other } }
      await copy('near', own, someNames(), { recursive: true, ...additional })
      if (number % 2 === 1) await copy('near', own, someNames(), { recursive_conservative: true, ...additional })
      for (const { to } of legs)
        requireFinished(await follow(server(), await server().client.publish(to, 'yum_distributor')))
      for (const [name, missing] of await unresolvedBy(await Dnf.with(reposFile(legs)))) {
        const beyond = missing.filter((one) => !unresolved.get(name)?.includes(one))
        assert.deepEqual(beyond, [], `${name} of ${own}, seed ${seed}`)
      }
      for (const { url, from } of legs)
        for (const name of await named(url)) assert.equal(isNear.get(name), from === 'near', `${name}, seed ${seed}`)
      crossed += (await server().client.repository(other)).content_unit_counts['rpm'] ?? 0
      assert.ok(crossed < copiesFromTwo * (far?.length ?? 0))
    }
    assert.ok(crossed > 0, `some package came from the other source, seed ${seed}`)
  })

  test('take the packages of advisories, groups and modules along, and what these need', clients, async () => {
    const folder = await temporaryFolder()
    await buildPackages(folder, animals)
    await writeMetadata(folder)
    for (const [type, text] of Object.entries({ updateinfo, group: comps, modules }))
      await addMetadata(folder, type, text)
    const upstream = await FolderUpstream.of(folder)
    await makeMirror(server(), 'animals', { feed: upstream.feed })
    await syncWell(server(), 'animals')
    const login = new URL(server().url)
    login.username = 'admin'
    login.password = adminPassword
    for (const [type, expected] of [
      ['erratum', ['bear', 'cave', 'honey']],
      ['package_category', ['eagle', 'nest']],
      ['modulemd', ['lion', 'meat']],
    ] as const) {
      const url = await makeMirror(server(), type, {})
      const run = await deckle(['repo', 'copy', 'animals', type, '--type', type, '--recursive'], {
        DECKLE_URL: login.href,
      })
      assert.equal(run.code, 0, run.stderr)
      requireFinished(await follow(server(), await server().client.publish(type, 'yum_distributor')))
      const options =
        type === 'modulemd' ? ['--setopt=module_platform_id=platform:f38', '--disable-modular-filtering'] : []
      assert.deepEqual(await (await Dnf.at(url)).repoquery('--qf', '%{name}', ...options), expected)
      assert.deepEqual([...(await unresolvedAt(url)).keys()], [])
      const { rpm: _, ...others } = (await server().client.repository(type)).content_unit_counts
      assert.deepEqual(others, type === 'package_category' ? { package_category: 1, package_group: 1 } : { [type]: 1 })
    }
  })
})
