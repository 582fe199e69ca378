import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Type } from 'typebox'
import { onOneDatabase } from '../src/testing/databases.ts'
import { PulpDistributor } from '../src/wire/pulp/distributor.ts'
import { PulpErrorBody } from '../src/wire/pulp/error.ts'
import { PulpImporter } from '../src/wire/pulp/importer.ts'
import { PulpRepository } from '../src/wire/pulp/repository.ts'
import { inProject } from './support/project.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, poll, read, SyncHistory } from './support/pulp-calls.ts'
import { newFolder, removeFolder, sharedServer } from './support/servers.ts'

const api = '/pulp/api/v2'

onOneDatabase('the plugins that need no upstream', (fresh) => {
  let exports = ''
  before(async () => {
    exports = await newFolder()
    // The server may run as another user than the tests.
    await chmod(exports, 0o777)
  })
  after(() => removeFolder(exports))
  const server = sharedServer(fresh, () => ({
    DECKLE_EXPORT_DIRS: exports,
    DECKLE_PLUGINS: inProject('src/testing/raising-plugin.ts'),
  }))

  /** As in the first sample of the written API (D.1.1.1). */
  const sample = (id: string, folder = join(exports, id)) => ({
    display_name: `Harness Repository: ${id}`,
    id,
    importer_type_id: 'harness_importer',
    importer_config: { num_units: '5', write_files: 'true' },
    distributors: [
      {
        distributor_id: 'dist_1',
        distributor_type_id: 'harness_distributor',
        distributor_config: { publish_dir: folder, write_files: 'true' },
        auto_publish: false,
      },
    ],
  })

  const create = (body: unknown) => call(server(), 'POST', `${api}/repositories/`, body)

  /** The one task of an action, ended. */
  async function act(id: string, action: 'sync' | 'publish', body: object) {
    const [task] = await poll(
      server(),
      await call(server(), 'POST', `${api}/repositories/${id}/actions/${action}/`, body),
    )
    assert.ok(task)
    return task
  }
  async function actWell(id: string, action: 'sync' | 'publish', body: object): Promise<void> {
    const { state, error } = await act(id, action, body)
    assert.deepEqual([state, error], ['finished', null])
  }

  /** A repository of the sample, synced and published; the folder that it is published to. */
  async function published(id: string): Promise<string> {
    assert.equal((await create(sample(id))).status, 201)
    await actWell(id, 'sync', { override_config: { verify_checksum: false, verify_size: false } })
    await actWell(id, 'publish', { id: 'dist_1', override_config: {} })
    return join(exports, id)
  }

  async function filesIn(folder: string): Promise<readonly string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    return names.filter((name, index) => entries[index]?.isFile() && !name.startsWith('.deckle-export')).sort()
  }

  test('make the units of the written samples and publish their files into an allowed folder', async () => {
    const folder = await published('harness_repo_1')
    assert.deepEqual(
      await filesIn(folder),
      [0, 1, 2, 3, 4].map((index) => `chunk_${index}/harness_unit_${index}.unit`),
    )
    assert.equal(await readFile(join(folder, 'chunk_3/harness_unit_3.unit'), 'utf8'), 'harness_unit_3')
    const url = `${server().url}/pulp/harness/harness_repo_1/chunk_3/harness_unit_3.unit`
    assert.equal((await fetchBytes(url)).toString(), 'harness_unit_3')
  })

  test('show scratchpads, counts and histories in their own shapes', async () => {
    await published('shapes')
    const path = `${api}/repositories/shapes/`
    const repository = read(PulpRepository, await call(server(), 'GET', `${path}?details=true`))
    assert.deepEqual(repository.content_unit_counts, { harness_type_one: 5 })
    assert.equal(repository.locally_stored_units, 5)
    const [importer] = read(Type.Array(PulpImporter), await call(server(), 'GET', `${path}importers/`))
    const distributor = read(PulpDistributor, await call(server(), 'GET', `${path}distributors/dist_1/`))
    assert.deepEqual([importer?.scratchpad, distributor.scratchpad], [1, 1])
    const [entry] = read(SyncHistory, await call(server(), 'GET', `${path}history/sync/`))
    assert.equal(entry?.summary, '5 of 5 units were made')
    assert.match(String(entry?.details), /^state: finished\nunits: 5 of 5\n/)
    assert.equal(entry?.added_count, 5)
  })

  test('take out what a smaller run leaves, and keep what others have put into the folder', async () => {
    const folder = await published('smaller')
    await writeFile(join(folder, 'theirs'), 'not ours')
    await actWell('smaller', 'sync', { override_config: { num_units: 2 } })
    await actWell('smaller', 'publish', { id: 'dist_1' })
    assert.deepEqual(await filesIn(folder), ['chunk_0/harness_unit_0.unit', 'chunk_1/harness_unit_1.unit', 'theirs'])
    const [entry] = read(SyncHistory, await call(server(), 'GET', `${api}/repositories/smaller/history/sync/`))
    assert.deepEqual([entry?.added_count, entry?.updated_count, entry?.removed_count], [0, 0, 3])
  })

  test('mend a folder that somebody has damaged, although nothing has changed', async () => {
    const folder = await published('damaged')
    await rm(join(folder, 'chunk_2'), { recursive: true })
    await writeFile(join(folder, 'chunk_1/harness_unit_1.unit'), 'spoiled')
    await actWell('damaged', 'publish', { id: 'dist_1' })
    assert.equal((await filesIn(folder)).length, 5)
    assert.equal(await readFile(join(folder, 'chunk_1/harness_unit_1.unit'), 'utf8'), 'harness_unit_1')
  })

  test('refuse a folder that the setting does not allow, by whichever way it comes', async () => {
    const refused = await create(sample('outside', '/srv/somewhere'))
    assert.equal(refused.status, 400)
    assert.match(JSON.stringify(refused.body), /DECKLE_EXPORT_DIRS/)
    assert.equal((await call(server(), 'GET', `${api}/repositories/outside/`)).status, 404)
    await published('inside')
    const override = { id: 'dist_1', override_config: { publish_dir: `${exports}/../elsewhere` } }
    const task = await act('inside', 'publish', override)
    assert.equal(task.state, 'error')
    assert.match(task.error?.description ?? '', /DECKLE_EXPORT_DIRS/)
  })

  test('refuse a folder that holds the files of others, and change nothing', async () => {
    const folder = join(exports, 'occupied')
    await mkdir(folder)
    await chmod(folder, 0o777)
    await writeFile(join(folder, 'precious'), 'precious')
    assert.equal((await create(sample('occupied'))).status, 201)
    await actWell('occupied', 'sync', {})
    const task = await act('occupied', 'publish', { id: 'dist_1' })
    assert.equal(task.state, 'error')
    assert.match(task.error?.description ?? '', /occupied holds files that Deckle has not put there/)
    assert.deepEqual(await readdir(folder), ['precious'])
    assert.equal(await statusOf(`${server().url}/pulp/harness/occupied/chunk_0/harness_unit_0.unit`), 404)
  })

  test('refuse keys that they do not know, and nulls', async () => {
    for (const [index, config] of [{ feed: 'http://x/' }, { num_units: null }, { num_units: 'many' }].entries()) {
      const { status, body } = await create({ ...sample(`refused-${index}`), importer_config: config })
      assert.equal(status, 400, JSON.stringify(body))
    }
  })

  test('publish texts that stand in a config, and take any other key', async () => {
    const made = await create({
      id: 'texts',
      importer_type_id: 'demo_importer',
      importer_config: { demo_key: 'demo_value', texts: { 'hello.txt': 'Hello!', other: 'größer' } },
      distributors: [
        {
          distributor_id: 'demo_distributor',
          distributor_type_id: 'demo_distributor',
          distributor_config: { demo_key: 'demo_value' },
          auto_publish: true,
        },
      ],
    })
    assert.equal(made.status, 201)
    await actWell('texts', 'sync', {})
    const url = `${server().url}/pulp/demo/texts/`
    assert.equal((await fetchBytes(`${url}index.txt`)).toString(), 'hello.txt\nother\n')
    assert.equal((await fetchBytes(`${url}other`)).toString(), 'größer')
  })

  test('answer 500 at once when a plugin raises, and attach nothing', async () => {
    const raise = { raise: 'added' }
    const importer = { importer_type_id: 'raising_importer', importer_config: raise }
    const answer = await create({ id: 'never', ...importer })
    assert.equal(answer.status, 500)
    assert.match(read(PulpErrorBody, answer).error_message ?? '', /raised in added/)
    assert.equal((await call(server(), 'GET', `${api}/repositories/never/`)).status, 404)
    await create({ id: 'raising' })
    const distributors = `${api}/repositories/raising/distributors/`
    const distributor = { distributor_type_id: 'raising_distributor', distributor_config: raise }
    assert.equal((await call(server(), 'POST', distributors, distributor)).status, 500)
    assert.deepEqual((await call(server(), 'GET', distributors)).body, [])
    const importers = `${api}/repositories/raising/importers/`
    const [task] = await poll(server(), await call(server(), 'POST', importers, importer))
    assert.equal(task?.state, 'error')
    assert.deepEqual((await call(server(), 'GET', importers)).body, [])
  })

  test('end a sync or publish in an error when a plugin raises in it', async () => {
    const distributor = { distributor_id: 'd', distributor_type_id: 'raising_distributor', distributor_config: {} }
    await create({ id: 'later', importer_type_id: 'raising_importer', distributors: [distributor] })
    const sync = await act('later', 'sync', { override_config: { raise: 'sync' } })
    const publish = await act('later', 'publish', { id: 'd', override_config: { raise: 'publish' } })
    assert.deepEqual([sync.state, publish.state], ['error', 'error'])
    assert.match(`${sync.error?.description} ${publish.error?.description}`, /raised in sync.*raised in publish/)
  })
})
