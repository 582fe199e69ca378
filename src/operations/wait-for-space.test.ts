import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { sha256Hex } from '../core/digest.ts'
import { noSpace, spaceFault } from '../core/space.ts'
import { Postponed, type TaskRun } from '../core/task.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { databaseSpaceFault } from '../database/postgres-errors.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { UpstreamServer } from '../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../testing/work-bench.ts'
import { createRepository } from './manage-repositories.ts'
import { publishTask } from './publish-repository.ts'
import { syncTask } from './sync-repository.ts'
import { heldForSpace, postponable } from './wait-for-space.ts'

onEachDatabase('a sync without space', (fresh) => {
  let opened: OpenDatabase
  let bench: WorkBench
  let folder: string
  let upstream: UpstreamServer
  let shortage: string | undefined
  let id: string
  let count = 0

  before(async () => {
    opened = await fresh.open()
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(opened, folder, { space: { shortage: async () => shortage } })
  })
  after(() => rm(folder, { recursive: true }))
  /** A new repository whose upstream serves these files. */
  async function aMirror(...names: readonly string[]): Promise<void> {
    shortage = undefined
    upstream = await UpstreamServer.start()
    id = `full-${++count}`
    const importer = { type: 'iso_importer', config: { feed: upstream.url('/feed/') } }
    const config = { serve_http: true, serve_https: false }
    const distributors = [{ id: 'iso', type: 'iso_distributor', config, autoPublish: true }]
    await createRepository(bench.services, { id, description: null, notes: {}, importer, distributors })
    serve(...names.map((name) => `${name}-${id}`))
  }

  function serve(...names: readonly string[]): void {
    const lines = names.map((name) => `${name},${sha256Hex(name)},${Buffer.byteLength(name)}\n`)
    upstream.put('/feed/PULP_MANIFEST', lines.join(''))
    for (const name of names) upstream.put(`/feed/${name}`, name)
  }

  const histories = () => bench.services.histories.syncs(id, { sort: 'descending' })

  it('is put off with the reason, leaves nothing behind and no history, and works once there is room', async () => {
    await aMirror('one', 'two')
    upstream.onRequest = ({ path }) => {
      if (path.startsWith('/feed/one')) shortage = 'the disk is full'
    }
    await assert.rejects(bench.run(syncTask(id)), new Postponed('the disk is full'))
    assert.deepEqual(await histories(), [])
    assert.equal((await bench.services.repositories.get(id)).latest, 0)
    assert.deepEqual(await readdir(`${folder}/blobs/staging`), [])
    shortage = undefined
    upstream.onRequest = () => undefined
    await bench.run(syncTask(id))
    assert.deepEqual((await bench.services.versions.get(id, 1)).counts, { iso: 2 })
    assert.deepEqual(
      (await histories()).map((entry) => entry.result),
      ['success'],
    )
  })

  it('fetches no files', async () => {
    await aMirror('file')
    shortage = 'the disk is full'
    await assert.rejects(bench.run(syncTask(id)), Postponed)
    assert.deepEqual(upstream.paths, ['/feed/PULP_MANIFEST'])
  })

  it('asks once for a file whose transfer finds no space', async () => {
    await aMirror('file')
    upstream.onRequest = ({ path }) => {
      if (path.startsWith('/feed/file')) shortage = 'the disk is full'
    }
    await assert.rejects(bench.run(syncTask(id)), Postponed)
    assert.equal(upstream.paths.length, 2)
  })

  it('says cancelled when it was cancelled', async () => {
    await aMirror('file')
    const abort = new AbortController()
    upstream.onRequest = () => abort.abort()
    await assert.rejects(bench.run(syncTask(id), abort.signal), { kind: 'cancelled' })
    assert.equal((await histories()).length, 1)
  })

  it('does not keep publishes from running', async () => {
    await aMirror('file')
    await bench.run(syncTask(id))
    shortage = 'the disk is full'
    await bench.run(publishTask(id, 'iso'))
    const [entry] = await bench.services.histories.publishes(id, 'iso', { sort: 'descending' })
    assert.equal(entry?.result, 'success')
  })

  it('does not keep a publish that finds the disk full from its place either', async () => {
    await aMirror('file')
    await bench.run(syncTask(id))
    const stage = () => Promise.reject(noSpace('really full'))
    const full = await openWorkBench(opened, folder, {
      blobs: Object.assign(Object.create(bench.services.blobs), { stage }),
    })
    await assert.rejects(full.run(publishTask(id, 'iso')), new Postponed('really full'))
    assert.deepEqual(await bench.services.histories.publishes(id, 'iso', { sort: 'descending' }), [])
    await bench.run(publishTask(id, 'iso'))
  })
})

describe('waiting for space', () => {
  const services = {
    space: { shortage: async () => undefined },
    outOfSpace: (error: unknown) => spaceFault(error) ?? databaseSpaceFault(error),
  }
  const run = {} as TaskRun

  it('holds back what stores content while there is a shortage, and nothing else', async () => {
    assert.equal(await heldForSpace(services.space), undefined)
    const held = await heldForSpace({ shortage: async () => 'too little' })
    assert.deepEqual(held, {
      operations: ['sync-repository', 'download-repository', 'import-upload'],
      reason: 'too little',
    })
  })

  it('postpones an operation that finds a disk full, that of the files or the database', async () => {
    const full = Object.assign(new Error('could not extend file'), { code: '53100' })
    const failing = (error: Error) => postponable(services, () => Promise.reject(error))(run)
    await assert.rejects(failing(noSpace('no more')), new Postponed('no more'))
    await assert.rejects(failing(full), new Postponed('no space is left for the database: could not extend file'))
    await assert.rejects(failing(new Error('other')), new Error('other'))
  })
})
