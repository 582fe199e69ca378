import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import type { JsonObject } from '../../core/json.ts'
import type { NewDistributor } from '../../core/repository.ts'
import type { Task } from '../../core/task.ts'
import type { OpenDatabase } from '../../database/connection.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../../testing/work-bench.ts'
import { createRepository } from '../manage-repositories.ts'
import { publishTask } from '../publish-repository.ts'
import { syncTask } from '../sync-repository.ts'
import { requestPromotion, requestRollback } from './take-over-version.ts'

type Files = Readonly<Record<string, string>>

const web: NewDistributor = {
  id: 'web',
  type: 'iso_distributor',
  config: { serve_http: true, serve_https: false },
  autoPublish: false,
}

onEachDatabase('a repository that takes over a version', (fresh) => {
  let opened: OpenDatabase
  let bench: WorkBench
  let folder: string
  const upstreams = new Map<string, UpstreamServer>()
  let count = 0

  before(async () => {
    opened = await fresh.open()
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(opened, folder)
  })
  after(() => rm(folder, { recursive: true }))

  async function aRepository(...distributors: readonly NewDistributor[]): Promise<string> {
    count += 1
    const id = `repository-${count}`
    await createRepository(bench.services, { id, description: null, notes: {}, distributors: [...distributors] })
    return id
  }

  /** A mirror with a published version for each of these contents. */
  async function aMirror(...contents: readonly Files[]): Promise<string> {
    count += 1
    const id = `mirror-${count}`
    const upstream = await UpstreamServer.start()
    upstreams.set(id, upstream)
    const feed = upstream.url('/feed/')
    const importer = { type: 'iso_importer', config: { feed, remove_missing: true } }
    await createRepository(bench.services, { id, description: null, notes: {}, importer, distributors: [web] })
    for (const files of contents) await sync(id, files)
    return id
  }

  async function sync(id: string, files: Files): Promise<void> {
    const lines = Object.entries(files).map(([name, text]) => `${name},${sha256Hex(text)},${Buffer.byteLength(text)}\n`)
    upstreams.get(id)?.put('/feed/PULP_MANIFEST', lines.join(''))
    for (const [name, text] of Object.entries(files)) upstreams.get(id)?.put(`/feed/${name}`, text)
    await bench.run(syncTask(id))
    await bench.run(publishTask(id, 'web'))
  }

  async function promote(id: string, sourceId: string, more: { version?: number; publish?: boolean } = {}) {
    return perform(await requestPromotion(bench.services, id, { sourceId, publish: true, ...more }))
  }

  async function rollback(id: string, version: number) {
    return perform(await requestRollback(bench.services, id, { version, publish: true }))
  }

  async function perform({ operation, arguments: args, tags, resources }: Task) {
    const { result, spawn = [] } = await bench.run({ operation, arguments: args, tags, resources })
    return { result: result as JsonObject, spawn: spawn.map(({ arguments: args }) => args['distributor']) }
  }

  async function names(id: string): Promise<readonly unknown[]> {
    const { latest } = await bench.services.repositories.get(id)
    const units = bench.services.versions.units({ repositoryId: id, version: latest, types: ['iso'], order: ['name'] })
    return (await Array.fromAsync(units)).map(({ unit }) => unit.metadata['name'])
  }

  /** Version and generated files of what a distributor shows. */
  async function shown(id: string, distributor = 'web') {
    const live = await bench.services.publications.live(
      (await bench.services.repositories.distributor(id, distributor)).key,
    )
    const { rows } = await opened.pool.query<{ file: string }>(
      `SELECT path || ' ' || encode(sha256, 'hex') AS file FROM generated_file WHERE publication = $1 ORDER BY 1`,
      [live?.id ?? 0],
    )
    return { version: live?.version, basePath: live?.basePath, files: rows.map(({ file }) => file) }
  }

  const blobs = () => readdir(`${folder}/blobs`, { recursive: true })

  it('is promoted with the files of the publication, and not a byte is stored', async () => {
    const [dev, production] = [await aMirror({ a: '1', b: '2' }), await aRepository(web)]
    const before = await blobs()
    const { result, spawn } = await promote(production, dev)
    assert.deepEqual(result, {
      repo_id: production,
      version: 1,
      source: { repo_id: dev, version: 1 },
      units: { added: 2, updated: 0, removed: 0 },
      publications: [{ distributor_id: 'web', shown: 'shared' }],
    })
    assert.deepEqual(spawn, [])
    assert.deepEqual(await names(production), ['a', 'b'])
    assert.deepEqual(await shown(production), {
      ...(await shown(dev)),
      basePath: `/pulp/isos/${production}`,
    })
    assert.deepEqual(await blobs(), before)
    const [entry] = await bench.services.histories.publishes(production, 'web', { sort: 'descending' })
    assert.equal(entry?.result, 'success')
  })

  it('keeps what it shares when the other publication goes', async () => {
    const [dev, production] = [await aMirror({ a: 'kept' }), await aRepository(web)]
    await promote(production, dev)
    await opened.pool.query('DELETE FROM publication WHERE repository = (SELECT id FROM repository WHERE name = $1)', [
      dev,
    ])
    const { rows } = await opened.pool.query<{ kept: boolean }>(
      `SELECT bool_and(EXISTS (SELECT FROM generated_blob WHERE sha256 = file.sha256 AND publication = file.publication)) AS kept
       FROM generated_file AS file JOIN publication ON publication.id = file.publication
       JOIN repository ON repository.id = publication.repository WHERE repository.name = $1`,
      [production],
    )
    assert.deepEqual(rows, [{ kept: true }])
  })

  it('is promoted to a version that was tested, whatever came in since', async () => {
    const [dev, production] = [await aMirror({ a: '1' }), await aRepository(web)]
    const task = await requestPromotion(bench.services, production, { sourceId: dev, publish: true })
    await sync(dev, { a: '1', untested: 'x' })
    await perform(task)
    assert.deepEqual(await names(production), ['a'])
    await promote(production, dev, { version: 2 })
    assert.deepEqual([await names(production), (await shown(production)).version], [['a', 'untested'], 2])
  })

  it('goes back to what it had, shown by files that were made then', async () => {
    const id = await aMirror({ a: '1' }, { b: '2' })
    const latest = await shown(id)
    const { result } = await rollback(id, 1)
    assert.deepEqual(
      [result['version'], result['units'], result['publications']],
      [3, { added: 1, updated: 0, removed: 1 }, [{ distributor_id: 'web', shown: 'shared' }]],
    )
    assert.deepEqual(await names(id), ['a'])
    const first = await shown(id)
    assert.equal(first.version, 3)
    assert.notDeepEqual(first.files, latest.files)
    await rollback(id, 2)
    assert.deepEqual((await shown(id)).files, latest.files)
  })

  it('comes to the same when the task runs again', async () => {
    const id = await aMirror({ a: '1' }, { b: '2' })
    const task = await requestRollback(bench.services, id, { version: 1, publish: true })
    await perform(task)
    const { result } = await perform(task)
    assert.deepEqual(
      [result['version'], result['units'], result['publications']],
      [3, { added: 0, updated: 0, removed: 0 }, [{ distributor_id: 'web', shown: 'already' }]],
    )
  })

  it('publishes anew where no files can be shared, and leaves those alone that write into folders', async () => {
    const dev = await aMirror({ a: '1' })
    const other = { ...web, config: { ...web.config, own_key: 'means what nobody knows' } }
    const folderWriter = {
      id: 'folder',
      type: 'harness_distributor',
      config: { write_files: true, publish_dir: `${folder}/exports/x` },
      autoPublish: false,
    }
    const target = await aRepository(other, folderWriter, { ...folderWriter, id: 'mirror', autoPublish: true })
    const { result, spawn } = await promote(target, dev)
    assert.deepEqual(result['publications'], [
      { distributor_id: 'folder', shown: 'left' },
      { distributor_id: 'mirror', shown: 'queued' },
      { distributor_id: 'web', shown: 'queued' },
    ])
    assert.deepEqual(spawn, ['mirror', 'web'])
    await bench.run(publishTask(target, 'web'))
    assert.deepEqual((await shown(target)).files, (await shown(dev)).files)
  })

  it('publishes nothing when it is not to', async () => {
    const [dev, production] = [await aMirror({ a: '1' }), await aRepository(web)]
    const { result, spawn } = await promote(production, dev, { publish: false })
    assert.deepEqual([result['publications'], spawn], [[], []])
    assert.equal((await shown(production)).version, undefined)
  })

  it('is emptied by going back to before its first version', async () => {
    const id = await aMirror({ a: '1' })
    const { result, spawn } = await rollback(id, 0)
    assert.deepEqual([await names(id), result['version'], spawn], [[], 2, ['web']])
  })

  it('does not take what is not there', async () => {
    const [dev, production] = [await aMirror({ a: '1' }), await aRepository(web)]
    const wrong = (fields: readonly string[]) => (error: { kind: string; details: { fields: readonly string[] } }) =>
      error.kind === 'invalid' && String(error.details.fields) === String(fields)
    await assert.rejects(promote(production, 'nowhere'), wrong(['source_repo_id']))
    await assert.rejects(promote(production, dev, { version: 2 }), wrong(['source_version']))
    await assert.rejects(rollback(dev, 2), wrong(['version']))
    await assert.rejects(promote('nowhere', dev), { kind: 'not-found' })
  })

  it('does not take nothing by mistake', async () => {
    const [dev, production] = [await aMirror({ a: '1' }), await aRepository(web)]
    const empty = await aRepository(web)
    await promote(production, dev)
    await assert.rejects(promote(production, empty), { kind: 'invalid' })
    await promote(production, empty, { version: 0 })
    assert.deepEqual(await names(production), [])
  })

  it('changes nothing when what it was to take has gone meanwhile', async () => {
    const [dev, production] = [await aMirror({ a: '1' }, { b: '2' }), await aRepository(web)]
    const request = (version: number) =>
      requestPromotion(bench.services, production, { sourceId: dev, version, publish: true })
    const [first, second] = [await request(1), await request(2)]
    await opened.pool.query(
      'DELETE FROM repository_version WHERE number = 1 AND repository = (SELECT id FROM repository WHERE name = $1)',
      [dev],
    )
    await assert.rejects(perform(first), { kind: 'not-found' })
    await bench.services.repositories.delete(dev, await runningTask(opened.database))
    await assert.rejects(perform(second), { kind: 'not-found' })
    assert.deepEqual([await names(production), (await shown(production)).version], [[], undefined])
  })

  it('does not take what lost units, nor a type that its importer does not know', async () => {
    const [dev, production] = [await aMirror({ a: '1' }, { b: '1' }), await aRepository(web)]
    await opened.pool.query(
      'UPDATE repository_version SET pruned = true WHERE number = 1 AND repository = (SELECT id FROM repository WHERE name = $1)',
      [dev],
    )
    await assert.rejects(promote(production, dev, { version: 1 }), { kind: 'conflict' })
    assert.equal((await bench.services.repositories.get(production)).latest, 0)
    count += 1
    const id = `packages-${count}`
    const importer = { type: 'yum_importer', config: {} }
    await createRepository(bench.services, { id, description: null, notes: {}, importer, distributors: [] })
    await assert.rejects(promote(id, dev), (error: { details: JsonObject }) => error.details['code'] === 'PLP0044')
  })
})
