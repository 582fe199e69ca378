import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sql } from 'kysely'
import { sha256Hex } from '../../core/digest.ts'
import { thingType } from '../../testing/catalog.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { Interleaving } from '../../testing/interleaving.ts'
import { insertRepository } from '../../testing/publications.ts'
import { Reservations } from '../../testing/reservations.ts'
import { SeededRandom } from '../../testing/seeded-random.ts'
import { contents, noGrace, type SpaceModel, SpaceProcess } from '../../testing/space-model.ts'
import { ModelDisk } from '../../testing/stepped-blobs.ts'
import type { OpenDatabase } from '../connection.ts'
import { type ContentTypeIds, registerContentTypes } from '../units/content-type-ids.ts'
import { PostgresVersionStore } from '../versions/version-store.ts'
import { PostgresBlobSweeper } from './postgres-blob-sweeper.ts'
import { PostgresOrphans } from './postgres-orphans.ts'

const long = process.env['DECKLE_TEST_LONG'] === '1'
const seed = Number(process.env['DECKLE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const runs = long ? 150 : 3
/** Of each repository. */
const syncs = 6
/** Of each unit. */
const shares = long ? 60 : 30

onEachDatabase(`space under random interleavings and crashes, DECKLE_TEST_SEED=${seed}`, (fresh) => {
  let opened: OpenDatabase
  let types: ContentTypeIds
  const processes: SpaceProcess[] = []

  before(async () => {
    opened = await fresh.open()
    types = await registerContentTypes(opened.database, [thingType])
  })
  after(() => Promise.all(processes.map((process) => process.close())))

  async function aModel(random: SeededRandom): Promise<SpaceModel> {
    await sql`TRUNCATE repository, unit, unit_pack, file, blob, membership, server_state CASCADE`.execute(
      opened.database,
    )
    const named = ['immediate-1', 'immediate-2', 'on-demand']
    const repositories = []
    for (const name of named) repositories.push({ name, ...(await insertRepository(opened.database, name)) })
    const reservations = new Reservations(opened.database)
    const shared = { opened, types, random, repositories, reservations }
    return { ...shared, disk: new ModelDisk(), interleaving: new Interleaving(random) }
  }

  function aProcess(model: SpaceModel): SpaceProcess {
    const process = new SpaceProcess(model)
    processes.push(process)
    return process
  }

  /** Everybody at once: three repositories that sync, publish and retain, fetches, clean-ups, and reservations that run out. */
  function actors(model: SpaceModel): readonly (() => Promise<void>)[] {
    const { repositories } = model
    let syncing = repositories.length
    const times = (count: number, work: (one: SpaceProcess) => Promise<void>) => () =>
      aProcess(model).live((time) => time < count, work)
    const meanwhile = (work: (one: SpaceProcess) => Promise<void>) => () =>
      aProcess(model).live(() => syncing > 0, work)
    return [
      ...repositories.map(({ name }) => async () => {
        await times(syncs, (one) => change(model, one, name))()
        syncing -= 1
      }),
      ...repositories.slice(2).map((at) => times(2, (one) => one.publish(at))),
      meanwhile((one) => one.fetchLater()),
      meanwhile((one) => one.deleteOrphans()),
      meanwhile((one) => one.retain(model.random.pick(repositories)?.repository ?? 0)),
      meanwhile((one) => one.dropFiles()),
      meanwhile((one) => one.condemn()),
      meanwhile((one) => one.sweep()),
      watch(model, () => syncing > 0),
    ]
  }

  /** A sync, or now and then a copy from a repository that has all of its files. */
  function change(model: SpaceModel, one: SpaceProcess, name: string): Promise<void> {
    const others = model.repositories.map((other) => other.name).filter((other) => other !== name)
    const source = model.random.pick(others.filter((other) => other !== 'on-demand'))
    if (source !== undefined && model.random.below(2) === 0) return one.copy(source, name)
    return one.sync(name, name !== 'on-demand')
  }

  /** Few blobs that are shared and given up all the time, while they are condemned and swept. */
  function sharers(model: SpaceModel, units: readonly number[]): readonly (() => Promise<void>)[] {
    let sharing = units.length
    const meanwhile = (work: (one: SpaceProcess) => Promise<void>) => () =>
      aProcess(model).live(() => sharing > 0, work)
    return [
      ...units.map((unit) => async () => {
        await aProcess(model).live(
          (time) => time < shares,
          (one) => one.share(unit),
        )
        sharing -= 1
      }),
      meanwhile((one) => one.condemn()),
      meanwhile((one) => one.sweep()),
      meanwhile((one) => one.sweep()),
      watch(model, () => sharing > 0),
    ]
  }

  /** Lets reservations run out, and looks at the disk. */
  function watch(model: SpaceModel, goesOn: () => boolean): () => Promise<void> {
    return async () => {
      while (goesOn()) {
        await model.interleaving.turn(model.reservations)
        await model.reservations.expire()
        await requireBytes(model)
      }
    }
  }

  /** Units without a repository, and files for them to have. */
  async function someUnits(): Promise<readonly number[]> {
    const digests = contents.map((content) => Buffer.from(sha256Hex(content), 'hex'))
    await sql`INSERT INTO file (sha256, size) SELECT sha256, 1 FROM unnest(${digests}::bytea[]) AS fresh (sha256)`.execute(
      opened.database,
    )
    const { rows } = await sql<{ id: number }>`
      INSERT INTO unit (type, key_hash, revision, wire_id, metadata, file_bytes)
      SELECT ${types.id('thing')}, sha256, sha256, gen_random_uuid(), '{}', 0
      FROM unnest(${digests.slice(0, 2)}::bytea[]) AS fresh (sha256) RETURNING id`.execute(opened.database)
    return rows.map((row) => row.id)
  }

  async function stored(): Promise<readonly string[]> {
    const { rows } = await sql<{ sha256: Buffer }>`
      SELECT sha256 FROM blob WHERE stored_at IS NOT NULL ORDER BY sha256`.execute(opened.database)
    return rows.map((row) => row.sha256.toString('hex'))
  }

  /**
   * At any moment: what is called stored has its bytes. What seems to lack them is looked at again under a lock, since it may
   * be deleted, stored and deleted again around a look without one.
   */
  async function requireBytes({ disk }: SpaceModel): Promise<void> {
    const missing = (await stored()).filter((sha256) => !disk.has(sha256))
    if (missing.length === 0) return
    await opened.database.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ sha256: string }>`
        SELECT encode(sha256, 'hex') AS sha256 FROM blob WHERE stored_at IS NOT NULL
          AND encode(sha256, 'hex') = ANY (${missing}) ORDER BY sha256 FOR SHARE`.execute(transaction)
      const lost = rows.map(({ sha256 }) => sha256).filter((sha256) => !disk.has(sha256))
      assert.deepEqual(lost, [], 'bytes of stored blobs are lost')
    })
  }

  async function none(what: string, query: ReturnType<typeof sql>): Promise<void> {
    assert.deepEqual((await query.execute(opened.database)).rows, [], what)
  }

  async function requireWhole(): Promise<void> {
    await none(
      'files of fetched repositories are not stored',
      sql`SELECT repository.name, unit_file.path FROM repository JOIN membership ON membership.repository = repository.id
        AND added_in <= latest AND (removed_in IS NULL OR removed_in > latest)
        JOIN unit_file ON unit_file.unit = membership.unit JOIN file ON file.id = unit_file.file
        LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
        WHERE repository.name <> 'on-demand' AND blob.sha256 IS NULL`,
    )
    await none(
      'generated files are not stored',
      sql`SELECT publication FROM generated_blob LEFT JOIN blob ON blob.sha256 = generated_blob.sha256
        AND blob.stored_at IS NOT NULL WHERE blob.sha256 IS NULL`,
    )
    await none('members have no unit', sql`SELECT unit FROM membership WHERE unit NOT IN (SELECT id FROM unit)`)
    await none(
      'units lack files or documents',
      sql`SELECT id FROM unit WHERE (metadata ->> 'files')::integer <> (SELECT count(*) FROM unit_file WHERE unit = id)
        OR pack NOT IN (SELECT id FROM unit_pack)`,
    )
    await none(
      'versions lost units without being marked',
      sql`SELECT version.repository, version.number, version.counts FROM repository_version AS version
        WHERE NOT pruned AND (version.counts ->> 'thing')::integer <> (
          SELECT count(*) FROM membership WHERE membership.repository = version.repository
          AND added_in <= version.number AND (removed_in IS NULL OR removed_in > version.number))`,
    )
  }

  /** Nobody works any more; what dead processes left is given up, and everything is cleaned. */
  async function settle(model: SpaceModel): Promise<void> {
    const { database } = opened
    await sql`UPDATE blob SET reserved_until = NULL`.execute(database)
    await sql`DELETE FROM fetch_lease`.execute(database)
    const versions = new PostgresVersionStore(database, opened.pool, types)
    for (const { name } of model.repositories) {
      await (await versions.open(name, await runningTask(database))).abandon()
    }
    const orphans = new PostgresOrphans({ database, types, graceSeconds: noGrace })
    await orphans.delete({}, await runningTask(database), new AbortController().signal)
    const blobs = { remove: async (sha256: string) => model.disk.delete(sha256) }
    const sweeper = new PostgresBlobSweeper({ database, blobs, graceSeconds: 0 })
    for (let round = 0; round < 3; round += 1) {
      await sweeper.dropUnusedFiles(1000)
      await sweeper.condemnUnreferenced(1000)
      await sweeper.sweep(1000)
    }
  }

  async function requireNothingLeft({ disk }: SpaceModel): Promise<void> {
    const { rows } = await sql<{ sha256: Buffer }>`
      SELECT sha256 FROM blob WHERE sha256 IN (SELECT sha256 FROM file JOIN unit_file ON unit_file.file = file.id)
        OR sha256 IN (SELECT sha256 FROM generated_blob) ORDER BY sha256`.execute(opened.database)
    const live = rows.map((row) => row.sha256.toString('hex'))
    assert.deepEqual(disk.names(), live, 'the disk holds the live blobs and nothing else')
    assert.deepEqual(await stored(), live)
    await none('rows of dead blobs are left', sql`SELECT sha256 FROM blob WHERE stored_at IS NULL`)
    await none('files without a unit are left', sql`SELECT id FROM file WHERE id NOT IN (SELECT file FROM unit_file)`)
    await none(
      'packs without a unit are left',
      sql`
      SELECT id FROM unit_pack WHERE id NOT IN (SELECT pack FROM unit WHERE pack IS NOT NULL)`,
    )
  }

  for (let run = 0; run < runs; run += 1) {
    it(`never deletes what is being shared, run ${run}`, async () => {
      const model = await aModel(new SeededRandom(seed + run))
      await model.interleaving.run(sharers(model, await someUnits()))
      await requireBytes(model)
    })

    it(`never loses a live blob and leaves no dead one, run ${run}`, async () => {
      const model = await aModel(new SeededRandom(seed + run))
      await model.interleaving.run(actors(model))
      await requireBytes(model)
      await requireWhole()
      await settle(model)
      await requireBytes(model)
      await requireWhole()
      await requireNothingLeft(model)
    })
  }
})
