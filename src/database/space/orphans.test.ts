import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { sha256Hex } from '../../core/digest.ts'
import type { OrphanScope } from '../../core/orphans.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { asIfFetched, aThing, thingType } from '../../testing/catalog.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { insertRepository, publish } from '../../testing/publications.ts'
import type { Database, OpenDatabase } from '../connection.ts'
import { PostgresPublicationStore } from '../publication-store.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { registerContentTypes } from '../units/content-type-ids.ts'
import { PackReader } from '../versions/pack-reader.ts'
import { PostgresVersionStore } from '../versions/version-store.ts'
import { PostgresBlobCatalog } from './postgres-blob-catalog.ts'
import { PostgresOrphans } from './postgres-orphans.ts'

onEachDatabase('orphans', (fresh) => {
  let opened: OpenDatabase
  let database: Database
  let versions: PostgresVersionStore
  let orphans: PostgresOrphans

  before(async () => {
    opened = await fresh.open()
    database = opened.database
    const types = await registerContentTypes(database, [thingType, { ...thingType, id: 'other' }])
    versions = new PostgresVersionStore(database, opened.pool, types)
    orphans = new PostgresOrphans({ database, types, graceSeconds: 3600, batchUnits: 3 })
  })

  async function aRepository(): Promise<{ name: string; repository: number; distributor: number }> {
    const name = `r-${crypto.randomUUID()}`
    return { name, ...(await insertRepository(database, name)) }
  }

  /** The next version of a repository holds exactly these. */
  async function sync(repository: string, ...units: readonly DiscoveredUnit[]): Promise<number> {
    const draft = await versions.open(repository, await runningTask(database))
    const ready = (await draft.examine(units)).map(asIfFetched)
    await new PostgresBlobCatalog(database).reserve(ready.flatMap(({ fetched }) => [...fetched.values()]))
    assert.deepEqual(await draft.add(ready), [])
    await draft.removeMissing(['thing', 'other'])
    return (await draft.commit()).version.number
  }

  async function clean(scope: OrphanScope = {}) {
    return orphans.delete(scope, await runningTask(database), new AbortController().signal)
  }

  async function isStored(content: string): Promise<'stored' | 'condemned' | 'unknown'> {
    const { rows } = await sql<{ condemned: boolean }>`
      SELECT condemned_at IS NOT NULL AS condemned FROM blob
      WHERE sha256 = ${Buffer.from(sha256Hex(content), 'hex')}`.execute(database)
    return rows[0] === undefined ? 'unknown' : rows[0].condemned ? 'condemned' : 'stored'
  }

  /** Reservations of an hour would keep blobs from being condemned. */
  async function endReservations(): Promise<void> {
    await sql`UPDATE blob SET reserved_until = NULL`.execute(database)
  }

  async function rows(table: string): Promise<number> {
    const result = await sql<{ count: number }>`SELECT count(*) FROM ${sql.table(table)}`.execute(database)
    return result.rows[0]?.count ?? 0
  }

  it('are deleted with their files, checksums, sources and packs, and prune the versions that held them', async () => {
    const before = await Promise.all(['unit', 'unit_file', 'file', 'unit_pack', 'membership'].map(rows))
    const { name } = await aRepository()
    await sync(name, aThing('gone-1', 'gone one'), aThing('gone-2', 'gone two', 'gone three'))
    await sync(name)
    await endReservations()
    assert.deepEqual(await orphans.count(), { thing: 2 })
    assert.deepEqual(await clean(), { thing: 2 })
    const after = await Promise.all(['unit', 'unit_file', 'file', 'unit_pack', 'membership'].map(rows))
    assert.deepEqual(after, before)
    assert.deepEqual(await orphans.count(), {})
    assert.equal(await isStored('gone one'), 'condemned')
    assert.deepEqual([(await versions.get(name, 1)).pruned, (await versions.get(name, 2)).pruned], [true, false])
  })

  it('are not what some repository holds, nor what a version in the making adds or has not yet taken out', async () => {
    const one = await aRepository()
    const other = await aRepository()
    await sync(one.name, aThing('shared', 'shared'), aThing('leaving', 'leaving'))
    await sync(other.name, aThing('shared', 'shared'))
    await sync(other.name)
    const draft = await versions.open(one.name, await runningTask(database))
    const [coming] = (await draft.examine([aThing('coming')])).map(asIfFetched)
    assert.ok(coming)
    await draft.add([coming])
    draft.keep([aThing('shared')])
    await draft.removeMissing(['thing'])
    assert.deepEqual(await clean(), {})
    await draft.commit()
    assert.deepEqual(await clean(), { thing: 1 })
    assert.equal(await orphans.has('thing', await wireId('shared')), false)
    await sync(one.name)
    await clean()
  })

  async function wireId(name: string): Promise<string> {
    const { rows: found } = await sql<{ wire_id: string }>`
      SELECT wire_id FROM unit WHERE metadata ->> 'name' = ${name} LIMIT 1`.execute(database)
    return found[0]?.wire_id ?? ''
  }

  it('stay while a publication needs them that is live or in grace', async () => {
    const at = await aRepository()
    const version = await sync(at.name, aThing('published', 'published'))
    const id = await publish(database, at, { basePath: `/t/${at.name}`, version })
    const next = await sync(at.name)
    assert.deepEqual(await clean(), {})
    await publish(database, at, { basePath: `/t/${at.name}`, version: next })
    assert.deepEqual(await clean(), {}, 'in grace')
    await sql`UPDATE publication SET superseded_at = now() - interval '2 hours' WHERE id = ${id}`.execute(database)
    assert.deepEqual(await clean(), { thing: 1 })
  })

  it('stay while a publication of an older version is being made, and make it impossible afterwards', async () => {
    const at = await aRepository()
    await sync(at.name, aThing('rolled back', 'rolled back'))
    await sync(at.name)
    const publications = new PostgresPublicationStore(database)
    const wanted = {
      repositoryId: at.name,
      distributorKey: at.distributor,
      distributorType: 'test_distributor',
      version: 1,
      layout: 'flat',
      config: {},
      basePath: `/t/${at.name}`,
    }
    const draft = await publications.begin(wanted, await runningTask(database))
    assert.deepEqual(await clean(), {})
    await draft.abandon()
    assert.deepEqual(await clean(), { thing: 1 })
    const refused = { kind: 'conflict', message: /version 1 of .* units of it were deleted as orphans/ }
    await assert.rejects(publications.begin(wanted, await runningTask(database)), refused)
  })

  it('are deleted one by one or by type, and leave shared files alone', async () => {
    const { name } = await aRepository()
    const other = { ...aThing('of another type', 'common'), type: 'other' }
    await sync(name, aThing('first', 'common'), aThing('second', 'common'), other)
    await sync(name)
    await endReservations()
    const listed = await Array.fromAsync(orphans.list('thing'))
    assert.deepEqual(listed.map((orphan) => orphan.metadata['name']).toSorted(), ['first', 'second'])
    assert.deepEqual(await clean({ type: 'thing', wireIds: [listed[0]?.wireId ?? ''] }), { thing: 1 })
    assert.deepEqual(await clean({ type: 'thing' }), { thing: 1 })
    assert.equal(await isStored('common'), 'stored')
    assert.deepEqual(await clean(), { other: 1 })
    assert.equal(await isStored('common'), 'condemned')
  })

  it('are old revisions too, of a key that a repository still holds', async () => {
    const { name } = await aRepository()
    await sync(name, aThing('renewed', 'old content'))
    await sync(name, aThing('renewed', 'new content'))
    assert.deepEqual(await orphans.count(), {})
    assert.deepEqual(await clean(), { thing: 1 })
    assert.equal(await isStored('new content'), 'stored')
    await sync(name)
    await clean()
  })

  it('that a sync puts back at this moment stay, and units deleted since they were examined are named', async () => {
    const { name } = await aRepository()
    await sync(name, aThing('raced', 'raced'))
    await sync(name)
    const draft = await versions.open(name, await runningTask(database))
    const examined = (await draft.examine([aThing('raced', 'raced')])).map(asIfFetched)
    assert.deepEqual(await clean(), { thing: 1 })
    const again = await draft.add(examined)
    assert.deepEqual(
      again.map((unit) => unit.key),
      [{ name: 'raced' }],
    )
    assert.deepEqual(await draft.add((await draft.examine(again)).map(asIfFetched)), [])
    assert.deepEqual(await clean(), {})
    await draft.commit()
  })

  it('are not taken for units without documents by somebody who reads them', async () => {
    const { name } = await aRepository()
    await sync(name, aThing('read', 'read'))
    const { rows: packs } = await sql<{ pack: number }>`
      SELECT pack FROM unit WHERE metadata ->> 'name' = 'read'`.execute(database)
    const pack = packs[0]?.pack ?? 0
    const documents = (name: string) => Array.fromAsync(new PackReader(database, [name]).documents([{ pack, slot: 0 }]))
    assert.deepEqual(await documents('another text'), [[{ pack, slot: 0 }, {}]])
    await sync(name)
    await clean()
    await assert.rejects(documents('text'), { kind: 'conflict' })
  })

  it('are waited for when somebody holds a row of theirs for a moment', async () => {
    const { name } = await aRepository()
    await sync(name, aThing('held', 'held'))
    await sync(name)
    const held = Promise.withResolvers<void>()
    const holder = database.transaction().execute(async (transaction) => {
      await sql`SELECT FROM membership FOR UPDATE`.execute(transaction)
      held.resolve()
      await sql`SELECT pg_sleep(0.1)`.execute(transaction)
    })
    await held.promise
    assert.deepEqual(await clean({ type: 'thing' }), { thing: 1 })
    await holder
  })

  it('cannot be deleted by a task that lost its claim', async () => {
    const { name } = await aRepository()
    await sync(name, aThing('fenced'))
    await sync(name)
    const fence = await runningTask(database)
    await assert.rejects(orphans.delete({}, { ...fence, attempt: 2 }, new AbortController().signal), {
      kind: 'cancelled',
    })
    assert.equal(await new PostgresRepositoryStore(database).countLocallyStored(name), 0)
    assert.deepEqual(await clean(), { thing: 1 })
  })
})
