import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { ContentType } from '../core/content-type.ts'
import { silentLog } from '../core/log.ts'
import type { NewPublication, PublicationDraft } from '../core/publication.ts'
import type { VersionDraft } from '../core/repository-version.ts'
import type { Fence } from '../core/task.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { runningTask } from '../testing/fences.ts'
import { newTask } from '../testing/workers.ts'
import type { OpenDatabase } from './connection.ts'
import { PostgresHistoryStore } from './history-store.ts'
import { PostgresPublicationStore } from './publication-store.ts'
import { PostgresRepositoryStore } from './repository-store.ts'
import { PostgresTaskClaims } from './tasks/postgres-task-claims.ts'
import { registerContentTypes } from './units/content-type-ids.ts'
import { PostgresVersionStore } from './versions/version-store.ts'

/**
 * Methods that no fence guards, because they only read or are called by clients and not by tasks. Those in …`In` are given a
 * transaction that has asserted the fence.
 */
const unfenced: Readonly<Record<string, readonly string[]>> = {
  PostgresRepositoryStore: [
    ...['create', 'update', 'setDistributor'],
    ...['get', 'list', 'details', 'countLocallyStored', 'importer', 'distributor', 'distributors'],
    'distributorsOfTypes',
  ],
  PostgresHistoryStore: ['syncs', 'publishes'],
  PostgresPublicationStore: ['alike', 'live', 'segments', 'files'],
  PostgresPublicationDraft: ['conflictingPaths', 'shareIn', 'activateIn'],
  PostgresVersionStore: ['get', 'latest', 'units', 'remembered'],
  PostgresVersionDraft: ['examine', 'keep', 'commitIn'],
  PostgresTaskClaims: ['claim', 'countReady', 'recoverDead'],
}

const fileType: ContentType = {
  id: 'iso',
  displayName: 'File',
  description: '',
  keyFields: ['name'],
  searchIndexes: [],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
}
const started = new Date(0)
const history = { started, completed: started, summary: null, details: null, error: null }

onEachDatabase('a task that lost its claim', (fresh) => {
  let opened: OpenDatabase
  before(async () => {
    opened = await fresh.open()
  })
  after(() => opened.close())

  it('changes nothing by any method that tasks write with', async () => {
    const repositories = new PostgresRepositoryStore(opened.database)
    const histories = new PostgresHistoryStore(opened.database)
    const publications = new PostgresPublicationStore(opened.database)
    const types = await registerContentTypes(opened.database, [fileType])
    const versions = new PostgresVersionStore(opened.database, opened.pool, types)
    const claims = new PostgresTaskClaims(opened.database, silentLog)
    const distributor = { id: 'iso', type: 'iso_distributor', config: {}, autoPublish: false }
    await repositories.create(
      { id: 'zoo', displayName: null, description: null, notes: {} },
      { type: 'iso_importer', config: {} },
      [distributor],
    )
    const { key } = await repositories.distributor('zoo', 'iso')
    const wanted = publicationOf(key)
    const fence = await runningTask(opened.database)
    const draft = await publications.begin(wanted, fence)
    const version = await versions.open('zoo', fence)
    await takeOver(fence)

    const sync = { ...history, repositoryId: 'zoo', importerType: 'iso_importer', result: 'success' } as const
    const publish = { ...history, repositoryId: 'zoo', distributorId: 'iso', distributorType: 'iso_distributor' }
    const stores: readonly [object, Readonly<Record<string, () => Promise<unknown>>>][] = [
      [
        repositories,
        {
          delete: () => repositories.delete('zoo', fence),
          setImporter: () => repositories.setImporter('zoo', 'iso_importer', {}, fence),
          updateImporter: () => repositories.updateImporter('zoo', {}, fence),
          removeImporter: () => repositories.removeImporter('zoo', fence),
          updateDistributor: () => repositories.updateDistributor('zoo', 'iso', { autoPublish: true }, fence),
          removeDistributor: () => repositories.removeDistributor('zoo', 'iso', fence),
        },
      ],
      [
        histories,
        {
          addSync: () => histories.addSync({ ...sync, added: 0, updated: 0, removed: 0 }, fence),
          addPublish: () => histories.addPublish({ ...publish, result: 'success' }, fence),
        },
      ],
      [
        publications,
        {
          begin: () => publications.begin(wanted, fence),
          showShared: () => publications.showShared(wanted, 1, [], fence),
          beginGroup: () => publications.beginGroup({ ...wanted, groupDistributorKey: 1 }, fence),
        },
      ],
      [draft, publicationWrites(draft)],
      [
        versions,
        {
          open: () => versions.open('zoo', fence),
          commitTogether: () => versions.commitTogether([version], fence),
          takeOver: () => versions.takeOver('zoo', { repositoryId: 'zoo', version: 0 }, fence),
        },
      ],
      [version, versionWrites(version)],
      [
        claims,
        {
          finish: () => claims.finish(fence, { state: 'finished', result: null, spawn: [newTask('child')] }, {}),
          progress: () => claims.progress(fence, {}),
        },
      ],
    ]
    const before = await everything()
    for (const [store, writes] of stores) {
      const known = [...Object.keys(writes), ...(unfenced[store.constructor.name] ?? [])]
      assert.deepEqual(methodsOf(store).sort(), known.sort(), store.constructor.name)
      for (const [name, write] of Object.entries(writes)) {
        await assert.rejects(write(), { kind: 'cancelled' }, `${store.constructor.name}.${name}`)
      }
    }
    assert.deepEqual(await everything(), before)
  })

  it('has one entry in the history, that of its success', async () => {
    const repositories = new PostgresRepositoryStore(opened.database)
    const histories = new PostgresHistoryStore(opened.database)
    await repositories.create({ id: 'farm', displayName: null, description: null, notes: {} }, undefined, [])
    const first = await runningTask(opened.database)
    const entry = { ...history, repositoryId: 'farm', importerType: 'iso_importer', updated: 0, removed: 0 }
    await histories.addSync({ ...entry, result: 'error', added: null }, first)
    const success = await histories.addSync({ ...entry, result: 'success', added: 7 }, first)
    await takeOver(first)
    const second = { ...first, attempt: 2 }
    assert.deepEqual(await histories.addSync({ ...entry, result: 'success', added: 0 }, second), success)
    assert.deepEqual(await histories.syncs('farm', { sort: 'ascending' }), [success])
  })

  async function takeOver({ taskKey }: Fence): Promise<void> {
    await opened.database.updateTable('task').set({ attempt: 2 }).where('id', '=', taskKey).execute()
  }

  /** Every row of every table. */
  async function everything(): Promise<Record<string, unknown>> {
    const tables = await opened.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
    const rows: Record<string, unknown> = {}
    for (const { name } of tables.rows) {
      const found = await opened.pool.query(
        `SELECT coalesce(jsonb_agg(t ORDER BY t::text), '[]') AS rows FROM ${name} t`,
      )
      rows[name] = found.rows[0]
    }
    return rows
  }
})

function publicationOf(distributorKey: number): NewPublication {
  return {
    repositoryId: 'zoo',
    distributorKey,
    distributorType: 'iso_distributor',
    version: 0,
    layout: 'files-1',
    config: {},
    basePath: '/pulp/isos/zoo',
  }
}

function publicationWrites(draft: PublicationDraft) {
  const file = { path: 'PULP_MANIFEST', size: 0, sha256: 'ab'.repeat(32), mediaType: 'text/plain', rope: [] }
  return {
    addSegmented: () => draft.addSegmented('packages', { form: '', paths: [], segments: [] }, [file]),
    addFiles: () => draft.addFiles([file]),
    activate: () => draft.activate(),
    abandon: () => draft.abandon(),
  }
}

function versionWrites(draft: VersionDraft) {
  const unit = { type: 'iso', key: { name: 'one' }, metadata: {}, files: [] }
  return {
    add: () => draft.add([{ unit, fetched: new Map() }]),
    removeMissing: () => draft.removeMissing([]),
    take: () => draft.take([1]),
    drop: () => draft.drop([1]),
    commit: () => draft.commit({ seen: true }),
    abandon: () => draft.abandon(),
  }
}

function methodsOf(store: object): string[] {
  const prototype: object = Object.getPrototypeOf(store)
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && !name.startsWith('#'))
}
