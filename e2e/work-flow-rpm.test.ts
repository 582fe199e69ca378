import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { PulpBindingWithDetails } from '../src/wire/pulp/consumer.ts'
import type { PulpTaskReport } from '../src/wire/pulp/task-report.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { ConsumerAgentProcess, passwordFile } from './support/consumer-agent.ts'
import { packageRoot } from './support/package-root.ts'
import { metadataOf, publishedChecksums, sha256, statusOf } from './support/published.ts'
import { call, read } from './support/pulp-calls.ts'
import { fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer, testFolder } from './support/servers.ts'
import { ask, freed, repositoryOf, storedFiles, uploadFile } from './support/work-flow.ts'
import { WorkFlowSteps } from './support/work-flow-steps.ts'

const ant: PackageSpec = { name: 'ant', requires: ['bee'] }
const antTwo: PackageSpec = { ...ant, version: '2.0' }
const bee: PackageSpec = { name: 'bee', epoch: 1, bytes: 450_000 }
const wasp: PackageSpec = { name: 'wasp' }
const moth: PackageSpec = { name: 'moth' }
const first = [ant, bee, wasp, moth]

onOneDatabase('the work flow of packages', (fresh) => {
  const clients = requireClients('rpmbuild', 'dnf', 'rpm')
  const built = builtPackages([...first, antTwo])
  const server = sharedServer(fresh, () => ({
    DECKLE_MAINTENANCE_INTERVAL: '1',
    DECKLE_PUBLICATION_GRACE: '1',
    DECKLE_BLOB_GRACE: '12',
  }))

  const fileOf = (spec: PackageSpec) => readFile(join(built(), fileNameOf(spec)))
  const digestsOf = (specs: readonly PackageSpec[]) =>
    Promise.all(specs.map(async (spec) => sha256(await fileOf(spec)))).then((digests) => digests.sort())

  const steps = new WorkFlowSteps(server, 'field')
  const kind = {
    importer: 'yum_importer',
    distributor: 'yum_distributor',
    note: 'rpm-repo',
    config: { http: true, https: false },
  }

  const upload = async (repository: string, spec: PackageSpec) =>
    uploadFile(server(), repository, await fileOf(spec), { unit_type_id: 'rpm', unit_key: {} })

  /** Nothing is stored but these packages, and, of generated files, what `published` has and had. */
  const generated = new Set<string>()
  async function storedIs(specs: readonly PackageSpec[]): Promise<void> {
    const stored = await storedFiles(server())
    const units = [...stored.keys()].filter((digest) => !generated.has(digest))
    assert.deepEqual(units.sort(), await digestsOf(specs))
    const sizes = await Promise.all(specs.map(async (spec) => (await fileOf(spec)).length))
    const bytes = units.reduce((sum, digest) => sum + (stored.get(digest) ?? 0), 0)
    assert.equal(
      bytes,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  }

  async function countsAre(id: string, rpm: number, { removed }: { readonly removed: boolean }): Promise<void> {
    const repository = await repositoryOf(server(), id)
    assert.deepEqual(
      [repository.content_unit_counts, repository.total_repository_units, repository.locally_stored_units],
      [{ rpm }, rpm, rpm],
    )
    assert.match(repository.last_unit_added ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.equal(repository.last_unit_removed !== null, removed)
  }

  async function publish(url: string, specs: readonly PackageSpec[]): Promise<void> {
    await steps.publish()
    assert.deepEqual(Object.keys(await publishedChecksums(url)), specs.map(fileNameOf).sort())
    for (const [path, file] of Object.entries(await metadataOf(url)))
      generated.add(path.endsWith('repomd.xml') ? sha256(Buffer.from(file)) : file)
  }

  async function startAgent(t: TestContext) {
    const root = await packageRoot(t)
    const state = await testFolder(t)
    await writeFile(join(state, 'password'), passwordFile)
    const login = ['--user', 'admin', '--password-file', join(state, 'password')]
    const command = ['--package-command', 'dnf --disableplugin=local --releasever=1']
    const agent = await ConsumerAgentProcess.start(t, server(), 'field', [
      ...['--root', root, '--state-dir', state],
      ...login,
      ...command,
    ])
    return { agent, file: () => readFile(join(root, 'etc/yum.repos.d/deckle.repo'), 'utf8') }
  }

  async function profile(): Promise<string[]> {
    const Profile = Type.Object({ profile: Type.Array(Type.Object({ name: Type.String(), version: Type.String() })) })
    const { profile: list } = read(Profile, await ask(server(), 'GET', 'consumers/field/profiles/rpm/'))
    return list.map(({ name, version }) => `${name}-${version}`).sort()
  }

  test('is right at every step, until nothing is left', { ...clients, timeout: 240_000 }, async (t) => {
    for (const id of ['source', 'target']) await steps.makeRepository(id, kind)
    for (const spec of first) await upload('source', spec)
    await countsAre('source', 4, { removed: false })
    await storedIs(first)

    // The first two by name, then some of which one is there.
    const [copied] = await steps.copy({ type_ids: ['rpm'], sort: { unit: [['name', 'ascending']] }, limit: 2 })
    assert.deepEqual(namesOf(copied), ['ant', 'bee'])
    await countsAre('target', 2, { removed: false })
    const [again] = await steps.copy({ type_ids: 'rpm', filters: { unit: { name: { $in: ['bee', 'moth', 'wasp'] } } } })
    assert.deepEqual(namesOf(again), ['bee', 'moth', 'wasp'])
    await countsAre('target', 4, { removed: false })
    const [nothing] = await steps.remove('target', { type_ids: ['rpm'], filters: { unit: { name: 'unicorn' } } })
    assert.deepEqual(nothing?.result, {})
    await countsAre('target', 4, { removed: false })
    const [removed] = await steps.remove('target', {
      filters: { unit: { $or: [{ name: 'moth' }, { name: { $regex: '^wa' } }] } },
    })
    assert.deepEqual(namesOf(removed), ['moth', 'wasp'])
    await countsAre('target', 2, { removed: true })
    await countsAre('source', 4, { removed: false })
    await storedIs(first)

    const firstUrl = `${server().url}/pulp/repos/flow/target/`
    await publish(firstUrl, [ant, bee])
    await storedIs(first)

    const { agent, file } = await startAgent(t)
    await steps.bind()
    const binding = async () =>
      read(PulpBindingWithDetails, await ask(server(), 'GET', 'consumers/field/bindings/target/web/'))
    const { consumer_actions, deleted, type_id } = await binding()
    assert.deepEqual([consumer_actions, deleted, type_id], [[], false, 'yum_distributor'])
    assert.match(await file(), new RegExp(`^baseurl=${firstUrl.replace(/\/$/, '')}$`, 'm'))
    await steps.act('install', ['ant'])
    assert.deepEqual(await profile(), ['ant-1.0', 'bee-1.0'])

    await steps.move('flow/moved')
    const secondUrl = `${server().url}/pulp/repos/flow/moved/`
    assert.match(await file(), new RegExp(`^baseurl=${secondUrl.replace(/\/$/, '')}$`, 'm'))
    assert.deepEqual(Object((await binding()).details).relative_path, '/pulp/repos/flow/moved')

    await upload('source', antTwo)
    await steps.copy({ filters: { unit: { name: 'ant', version: '2.0' } } })
    await countsAre('target', 3, { removed: true })
    await publish(secondUrl, [ant, antTwo, bee])
    await storedIs([...first, antTwo])
    await eventually(async () => (await statusOf(`${firstUrl}repodata/repomd.xml`)) === 404)
    await steps.act('update', ['ant'])
    assert.deepEqual(await profile(), ['ant-2.0', 'bee-1.0'])
    await steps.act('uninstall', ['ant', 'bee'])
    assert.deepEqual(await profile(), [])

    await steps.removeDistributor()
    assert.equal(await file(), '')
    assert.equal((await call(server(), 'GET', '/pulp/api/v2/consumers/field/bindings/target/web/')).status, 404)
    assert.deepEqual((await ask(server(), 'GET', 'consumers/field/bindings/')).body, [])
    for (const url of [firstUrl, secondUrl]) assert.equal(await statusOf(`${url}repodata/repomd.xml`), 404)

    assert.equal((await ask(server(), 'DELETE', 'consumers/field/')).body, null)
    assert.equal(await agent.ended(), 1)
    for (const id of ['target', 'source']) await steps.deleteRepository(id, false)
    assert.deepEqual((await ask(server(), 'GET', 'repositories/')).body, [])
    assert.equal(Object((await ask(server(), 'GET', 'content/orphans/')).body).rpm.count, 5)
    assert.deepEqual(await steps.deleteOrphans(), { rpm: 5 })
    assert.equal(Object((await ask(server(), 'GET', 'content/orphans/')).body).rpm.count, 0)
    await freed(server())
  })
})

const Units = Type.Object({
  units_successful: Type.Array(Type.Object({ unit_key: Type.Object({ name: Type.String() }) })),
})

function namesOf(task: PulpTaskReport | undefined): string[] {
  const { units_successful: units } = read(Units, { status: 200, location: null, body: task?.result })
  return units.map(({ unit_key }) => unit_key.name).sort()
}
