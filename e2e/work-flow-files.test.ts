import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { requireClients } from './support/clients.ts'
import { ConsumerAgentProcess, passwordFile } from './support/consumer-agent.ts'
import { runProgram, succeed } from './support/programs.ts'
import { sha256, statusOf } from './support/published.ts'
import { read } from './support/pulp-calls.ts'
import { sharedServer, testFolder } from './support/servers.ts'
import { ask, freed, repositoryOf, storedFiles, uploadFile } from './support/work-flow.ts'
import { WorkFlowSteps } from './support/work-flow-steps.ts'

const names = ['boot.iso', 'disc 1.iso', 'disc 2.iso', 'notes.txt', 'twin.iso']

/** Bytes that nobody else has; the twin has those of a disc. */
function someFiles(): ReadonlyMap<string, Buffer<ArrayBuffer>> {
  const files = new Map(names.map((name, index) => [name, randomBytes(70_000 + index)]))
  return files.set('twin.iso', files.get('disc 1.iso') ?? randomBytes(1))
}

onOneDatabase('the work flow of files', (fresh) => {
  const clients = requireClients('curl')
  const files = someFiles()
  const server = sharedServer(fresh, () => ({
    DECKLE_MAINTENANCE_INTERVAL: '1',
    DECKLE_PUBLICATION_GRACE: '1',
    DECKLE_BLOB_GRACE: '12',
  }))

  const bytesOf = (name: string) => files.get(name) ?? Buffer.alloc(0)
  const keyOf = (name: string) => ({ name, checksum: sha256(bytesOf(name)), size: bytesOf(name).length })
  const unitOf = (name: string) => ({ type_id: 'iso', unit_key: keyOf(name) })
  const line = (name: string) => `${name},${keyOf(name).checksum},${keyOf(name).size}`

  const steps = new WorkFlowSteps(server, 'rack')
  const kind = {
    importer: 'iso_importer',
    distributor: 'iso_distributor',
    note: 'iso-repo',
    config: { serve_http: true, serve_https: false },
  }

  async function holds(id: string, wanted: readonly string[], removed: boolean): Promise<void> {
    const repository = await repositoryOf(server(), id)
    assert.deepEqual(
      [repository.content_unit_counts, repository.total_repository_units, repository.last_unit_removed !== null],
      [{ iso: wanted.length }, wanted.length, removed],
    )
    const criteria = { type_ids: ['iso'], fields: { unit: ['name'] }, sort: { unit: [['name', 'ascending']] } }
    const answer = await ask(server(), 'POST', `repositories/${id}/search/units/`, { criteria })
    const found = read(Type.Array(Type.Object({ metadata: Type.Object({ name: Type.String() }) })), answer)
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      wanted,
    )
  }

  /** Nothing is stored but the bytes of these files, once each, and the lists that were published. */
  const lists = new Set<string>()
  async function storedIs(wanted: readonly string[]): Promise<void> {
    const distinct = new Map(wanted.map((name) => [keyOf(name).checksum, keyOf(name).size]))
    const stored = [...(await storedFiles(server()))].filter(([digest]) => !lists.has(digest))
    assert.deepEqual(stored.toSorted(), [...distinct].toSorted())
  }

  async function startAgent(t: TestContext) {
    const [root, state] = [await testFolder(t), await testFolder(t)]
    await writeFile(join(state, 'password'), passwordFile)
    const login = ['--user', 'admin', '--password-file', join(state, 'password')]
    const agent = await ConsumerAgentProcess.start(t, server(), 'rack', [
      '--root',
      root,
      '--state-dir',
      state,
      ...login,
    ])
    const folder = join(root, 'etc/deckle/bindings')
    return {
      agent,
      bindings: () => readdir(folder),
      /** Where the agent has been told that the files are. */
      async url() {
        const descriptor = JSON.parse(await readFile(join(folder, 'target+web.json'), 'utf8'))
        assert.deepEqual(descriptor.payload.protocols, ['http'])
        return `${descriptor.server}${descriptor.payload.relative_path}/`
      },
    }
  }

  /** As scripts of its users do: the list by curl, and each file of it; returns the list when all is as it says. */
  async function fetched(t: TestContext, url: string): Promise<string[]> {
    const folder = await testFolder(t)
    const curl = (name: string) =>
      succeed(clientPath('curl'), ['-sSf', '-o', join(folder, name), url + encodeURIComponent(name)])
    await curl('PULP_MANIFEST')
    const manifest = await readFile(join(folder, 'PULP_MANIFEST'))
    lists.add(sha256(manifest))
    const lines = manifest.toString().trim().split('\r\n')
    for (const text of lines) {
      const [, name = '', checksum, size] = /^(.*),(\w{64}),(\d+)$/.exec(text) ?? []
      await curl(name)
      const bytes = await readFile(join(folder, name))
      assert.deepEqual([sha256(bytes), String(bytes.length)], [checksum, size])
    }
    return lines.sort()
  }

  test('is right at every step, until nothing is left', { ...clients, timeout: 240_000 }, async (t) => {
    for (const id of ['source', 'target']) await steps.makeRepository(id, kind)
    for (const name of names)
      await uploadFile(server(), 'source', bytesOf(name), { unit_type_id: 'iso', unit_key: keyOf(name) })
    await holds('source', names, false)
    await storedIs(names)

    const discs = { type_ids: ['iso'], filters: { unit: { name: { $regex: '^disc' } } } }
    const [one] = await steps.copy({ ...discs, sort: { unit: [['name', 'descending']] }, limit: 1 })
    assert.deepEqual(one?.result, { units_successful: [unitOf('disc 2.iso')] })
    await holds('target', ['disc 2.iso'], false)
    await steps.copy({ filters: { unit: { size: { $lte: 70_002 } } } })
    await steps.copy({ filters: { unit: { checksum: keyOf('twin.iso').checksum } } })
    await holds('target', ['boot.iso', 'disc 1.iso', 'disc 2.iso', 'twin.iso'], false)
    const [none] = await steps.remove('target', { type_ids: ['rpm'] })
    assert.deepEqual(none?.result, {})
    const [removed] = await steps.remove('target', { filters: { unit: { name: { $in: ['boot.iso', 'notes.txt'] } } } })
    assert.deepEqual(removed?.result, { units_successful: [unitOf('boot.iso')] })
    const held = ['disc 1.iso', 'disc 2.iso', 'twin.iso']
    await holds('target', held, true)
    await holds('source', names, false)
    await steps.publish()

    const { agent, bindings, url } = await startAgent(t)
    await steps.bind()
    const firstUrl = await url()
    assert.equal(firstUrl, `${server().url}/pulp/isos/flow/target/`)
    assert.deepEqual(await fetched(t, firstUrl), held.map(line))
    await storedIs(names)

    await steps.move('flow/moved')
    await steps.copy({ filters: { unit: { name: 'notes.txt' } } })
    await steps.publish()
    const secondUrl = await url()
    assert.equal(secondUrl, `${server().url}/pulp/isos/flow/moved/`)
    assert.deepEqual(await fetched(t, secondUrl), [...held, 'notes.txt'].map(line).sort())
    await eventually(async () => (await statusOf(`${firstUrl}PULP_MANIFEST`)) === 404)
    await storedIs(names)

    // Whom no repository holds goes, while what a consumer still fetches stays.
    await steps.remove('source', { filters: { unit: { name: 'boot.iso' } } })
    await holds('source', names.slice(1), true)
    const Orphans = Type.Array(Type.Object({ name: Type.String() }))
    const orphans = read(Orphans, await ask(server(), 'GET', 'content/orphans/iso/'))
    assert.deepEqual(
      orphans.map(({ name }) => name),
      ['boot.iso'],
    )
    assert.equal(await steps.deleteOrphans('iso'), 1)
    assert.deepEqual(await fetched(t, secondUrl), [...held, 'notes.txt'].map(line).sort())

    await steps.deleteRepository('target', true)
    assert.deepEqual([await bindings(), (await ask(server(), 'GET', 'consumers/rack/bindings/')).body], [[], []])
    assert.deepEqual(
      [await statusOf(`${firstUrl}PULP_MANIFEST`), await statusOf(`${secondUrl}PULP_MANIFEST`)],
      [404, 404],
    )
    const gone = await runProgram(clientPath('curl'), ['-sSf', `${secondUrl}twin.iso`])
    assert.equal(gone.code, 22)
    await ask(server(), 'DELETE', 'consumers/rack/')
    assert.equal(await agent.ended(), 1)
    await steps.deleteRepository('source', false)
    assert.deepEqual(await steps.deleteOrphans(), { iso: 4 })
    await freed(server())
  })
})
