import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { insertRepository, insertUnitFile, publish, type TestRepository } from '../../testing/publications.ts'
import type { Database, OpenDatabase } from '../connection.ts'
import { PostgresRepositoryGroupStore } from '../groups/postgres-repository-group-store.ts'
import { PostgresPublicationStore } from '../publication-store.ts'
import { PostgresVersionRetention, type RetentionLimits } from './version-retention.ts'

const graceSeconds = 3600

onEachDatabase('retention of versions', (fresh) => {
  let opened: OpenDatabase
  let database: Database

  before(async () => {
    opened = await fresh.open()
    database = opened.database
  })

  /** A repository whose latest version is `latest`; version n holds the unit `n` and, beside it, one that stays. */
  async function aRepository(latest: number): Promise<TestRepository> {
    const at = await insertRepository(database)
    await insertUnitFile(database, at, { path: 'stays', content: `stays${at.repository}` })
    for (let version = 1; version <= latest; version++) {
      const file = { path: `only-${version}`, content: `${at.repository} ${version}`, addedIn: version }
      await insertUnitFile(database, at, { ...file, ...(version < latest && { removedIn: version + 1 }) })
    }
    await versions(at, latest)
    return at
  }

  async function versions(at: TestRepository, latest: number): Promise<void> {
    await sql`
      INSERT INTO repository_version (repository, number, counts, file_bytes)
      SELECT ${at.repository}, number, '{}', 0 FROM generate_series(1, ${latest}::integer) AS number`.execute(database)
    await database.updateTable('repository').set({ latest }).where('id', '=', at.repository).execute()
  }

  function retention(keep: number, limits: RetentionLimits = {}): PostgresVersionRetention {
    return new PostgresVersionRetention(database, { keep, graceSeconds }, limits)
  }

  /** Prunes until there is no more; how many steps that took. */
  async function pruneAll(at: TestRepository, keep: number, limits: RetentionLimits = {}): Promise<number> {
    for (let steps = 1; ; steps++) if (!(await retention(keep, limits).prune(at.repository)).more) return steps
  }

  async function numbers(at: TestRepository): Promise<readonly number[]> {
    const query = database.selectFrom('repository_version').select('number').where('repository', '=', at.repository)
    return (await query.orderBy('number').execute()).map((row) => row.number)
  }

  async function paths(at: TestRepository): Promise<readonly string[]> {
    const query = database.selectFrom('membership').innerJoin('unit_file', 'unit_file.unit', 'membership.unit')
    const rows = await query.select('path').where('repository', '=', at.repository).orderBy('path').execute()
    return rows.map((row) => row.path)
  }

  async function publications(at: TestRepository): Promise<readonly number[]> {
    const query = database.selectFrom('publication').select('version').where('repository', '=', at.repository)
    return (await query.orderBy('id').execute()).map((row) => row.version)
  }

  /** Publishes these versions one after the other; all but the last were superseded `age` seconds ago. */
  async function published(at: TestRepository, versions: readonly number[], age: number): Promise<void> {
    for (const version of versions) await publish(database, at, { basePath: `/r/${at.repository}`, version })
    await sql`UPDATE publication SET superseded_at = now() - make_interval(secs => ${age})
      WHERE repository = ${at.repository} AND superseded_at IS NOT NULL`.execute(database)
  }

  const isDue = async (at: TestRepository, keep: number) => (await retention(keep).due()).includes(at.repository)

  it('keeps what groups publish as long as it is served, and the drafts of tasks that are at work', async () => {
    const store = new PostgresRepositoryGroupStore(database)
    const facts = { displayName: null, description: null, notes: {}, repositoryIds: [] }
    await store.create({ id: 'zoo', ...facts }, [{ id: 'd', type: 'x', config: {} }])
    const { key: groupDistributorKey } = await store.distributor('zoo', 'd')
    const publications = new PostgresPublicationStore(database)
    const wanted = { groupDistributorKey, distributorType: 'x', config: {}, basePath: '/g/zoo' }
    const fence = await runningTask(database)
    for (const _ of ['first', 'second']) await (await publications.beginGroup(wanted, fence)).activate()
    await publications.beginGroup(wanted, fence)
    const states = async () =>
      (
        await sql<{ state: string }>`
        SELECT CASE WHEN live_from IS NULL THEN 'draft' WHEN superseded_at IS NULL THEN 'live' ELSE 'old' END AS state
        FROM publication WHERE group_distributor = ${groupDistributorKey} ORDER BY id`.execute(database)
      ).rows.map(({ state }) => state)
    assert.equal(await retention(1).pruneGroups(), 0)
    assert.deepEqual(await states(), ['old', 'live', 'draft'])
    await sql`UPDATE publication SET superseded_at = now() - make_interval(secs => ${graceSeconds + 11})
      WHERE superseded_at IS NOT NULL AND group_distributor IS NOT NULL`.execute(database)
    await sql`UPDATE task SET finished = now() WHERE id = ${fence.taskKey}`.execute(database)
    assert.equal(await retention(1).pruneGroups(), 2)
    assert.deepEqual(await states(), ['live'])
    await store.delete('zoo')
    assert.deepEqual(await states(), [])
  })

  it('keeps the newest versions with what is in them and deletes the rest', async () => {
    const at = await aRepository(5)
    assert.ok(await isDue(at, 2))
    assert.deepEqual(await retention(2).prune(at.repository), {
      versions: 3,
      publications: 0,
      memberships: 3,
      more: false,
    })
    assert.deepEqual(
      [await numbers(at), await paths(at)],
      [
        [4, 5],
        ['only-4', 'only-5', 'stays'],
      ],
    )
    assert.ok(!(await isDue(at, 2)))
  })

  it('keeps as many as the repository itself says', async () => {
    const at = await aRepository(5)
    await database.updateTable('repository').set({ retain_versions: 4 }).where('id', '=', at.repository).execute()
    await pruneAll(at, 1)
    assert.deepEqual(await numbers(at), [2, 3, 4, 5])
  })

  it('keeps a version that is published, and one that is in grace', async () => {
    const at = await aRepository(6)
    await published(at, [1, 3], graceSeconds - 60)
    await pruneAll(at, 1)
    assert.deepEqual(
      [await numbers(at), await publications(at)],
      [
        [1, 3, 6],
        [1, 3],
      ],
    )
    assert.deepEqual(await paths(at), ['only-1', 'only-3', 'only-6', 'stays'])
    assert.ok(!(await isDue(at, 1)))
  })

  it('deletes a publication out of grace together with its version', async () => {
    const at = await aRepository(6)
    await published(at, [1, 3], graceSeconds + 60)
    assert.ok(await isDue(at, 1))
    await pruneAll(at, 1)
    assert.deepEqual([await numbers(at), await publications(at)], [[3, 6], [3]])
  })

  it('keeps every publication whose version is kept, however long it is out of grace', async () => {
    const at = await aRepository(3)
    await published(at, [1, 2, 2, 2, 3, 1, 3], graceSeconds + 60)
    await pruneAll(at, 2)
    assert.deepEqual(
      [await numbers(at), await publications(at)],
      [
        [2, 3],
        [2, 2, 2, 3, 3],
      ],
    )
    assert.ok(!(await isDue(at, 2)))
  })

  it('condemns the blobs that only a deleted publication was made of', async () => {
    const at = await aRepository(2)
    await published(at, [1, 2], graceSeconds + 60)
    const names = ['shared', 'first'].map((name) => `${name} ${at.repository}`)
    await sql`INSERT INTO blob (sha256, size, stored_at)
      SELECT sha256(name::bytea), 1, now() FROM unnest(${names}::text[]) AS name`.execute(database)
    await sql`INSERT INTO generated_blob (sha256, publication)
      SELECT sha256(name::bytea), id FROM unnest(${names}::text[]) AS name, publication
      WHERE repository = ${at.repository} AND (name LIKE 'shared%' OR version = 1)`.execute(database)
    await pruneAll(at, 1)
    const condemned = sql<{ name: string }>`SELECT name FROM unnest(${names}::text[]) AS name
      JOIN blob ON blob.sha256 = sha256(name::bytea) WHERE condemned_at IS NOT NULL`
    assert.deepEqual((await condemned.execute(database)).rows, [{ name: names[1] }])
  })

  it('does not touch what is live although it was superseded elsewhere', async () => {
    const at = await aRepository(2)
    await published(at, [1], 0)
    await sql`UPDATE publication SET superseded_at = 'yesterday' WHERE repository = ${at.repository}`.execute(database)
    await pruneAll(at, 1)
    assert.deepEqual([await numbers(at), await publications(at)], [[1, 2], [1]])
  })

  it('keeps a version that is being published until its task is over', async () => {
    const at = await aRepository(3)
    const { taskKey } = await runningTask(database)
    await published(at, [1], 0)
    await sql`UPDATE publication SET live_from = NULL, task = ${taskKey} WHERE repository = ${at.repository}`.execute(
      database,
    )
    await sql`DELETE FROM live_publication WHERE distributor = ${at.distributor}`.execute(database)
    await pruneAll(at, 1)
    assert.deepEqual(await numbers(at), [1, 3])
    await sql`UPDATE task SET state = 'error', finished = now() WHERE id = ${taskKey}`.execute(database)
    assert.ok(await isDue(at, 1))
    await pruneAll(at, 1)
    assert.deepEqual([await numbers(at), await publications(at)], [[3], []])
  })

  it('leaves the rows of a version that is being made alone', async () => {
    const at = await aRepository(3)
    await insertUnitFile(database, at, { path: 'coming', content: `coming ${at.repository}`, addedIn: 4 })
    await sql`UPDATE membership SET removed_in = 4 WHERE repository = ${at.repository} AND added_in = 3`.execute(
      database,
    )
    await pruneAll(at, 1)
    assert.deepEqual(await paths(at), ['coming', 'only-3', 'stays'])
  })

  it('works in steps, and marks what is not whole any more from the first on', async () => {
    const at = await aRepository(6)
    assert.equal((await retention(2, { memberships: 1 }).prune(at.repository)).more, true)
    const rows = await database.selectFrom('repository_version').select(['number', 'pruned']).orderBy('number')
    const marked = (await rows.where('repository', '=', at.repository).execute()).filter((row) => row.pruned)
    assert.deepEqual(
      marked.map((row) => row.number),
      [1, 2, 3, 4],
    )
    assert.equal(await pruneAll(at, 2, { memberships: 1 }), 4)
    assert.deepEqual(
      [await numbers(at), await paths(at)],
      [
        [5, 6],
        ['only-5', 'only-6', 'stays'],
      ],
    )
  })

  it('waits for a publication that is just beginning, and then keeps its version', async () => {
    const at = await aRepository(3)
    const { taskKey } = await runningTask(database)
    let pruned: Promise<number> | undefined
    await database.transaction().execute(async (transaction) => {
      await sql`INSERT INTO publication (distributor, distributor_type, repository, version, layout, config, base_path, task)
        VALUES (${at.distributor}, 't', ${at.repository}, 1, 'flat', '{}', '/x', ${taskKey})`.execute(transaction)
      pruned = pruneAll(at, 1)
      await waitedFor()
    })
    await pruned
    assert.deepEqual(await numbers(at), [1, 3])
  })

  /** Until somebody waits for a lock. */
  async function waitedFor(): Promise<void> {
    const waiting = sql`SELECT FROM pg_locks WHERE NOT granted`
    while ((await waiting.execute(database)).rows.length === 0);
  }

  it('leaves no version that a publish could begin with and not find', async () => {
    const at = await aRepository(3)
    const { name } = await database
      .selectFrom('repository')
      .select('name')
      .where('id', '=', at.repository)
      .executeTakeFirstOrThrow()
    await pruneAll(at, 1)
    const wanted = {
      repositoryId: name,
      distributorKey: at.distributor,
      distributorType: 't',
      layout: 'flat',
      config: {},
    }
    const begin = (version: number) =>
      runningTask(database).then((fence) =>
        new PostgresPublicationStore(database).begin({ ...wanted, version, basePath: `/r/${name}` }, fence),
      )
    await assert.rejects(begin(2), { kind: 'not-found' })
    await begin(3)
  })

  it('lets a repository that is being deleted go', async () => {
    const at = await aRepository(3)
    let pruned: Promise<number> | undefined
    await database.transaction().execute(async (transaction) => {
      await sql`DELETE FROM membership WHERE repository = ${at.repository}`.execute(transaction)
      pruned = pruneAll(at, 1)
      await pruned
      await sql`DELETE FROM repository WHERE id = ${at.repository}`.execute(transaction)
    })
    assert.equal(await pruneAll(at, 1), 1)
  })

  it('never changes what is in a kept version, and leaves nothing that is in none', async () => {
    const history = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 8 })
    const property = fc.asyncProperty(history, fc.integer({ min: 1, max: 4 }), fc.nat(7), async (sets, keep, named) => {
      const at = await insertRepository(database)
      await versions(at, sets.length)
      for (let unit = 1; unit <= 6; unit++) await insertSpans(at, unit, sets)
      const live = (named % sets.length) + 1
      await publish(database, at, { basePath: `/p/${at.repository}`, version: live })
      await pruneAll(at, keep, { memberships: 2 })
      const kept = sets.flatMap((_, index) => (index + 1 > sets.length - keep || index + 1 === live ? [index + 1] : []))
      assert.deepEqual(await numbers(at), kept)
      for (const version of kept) assert.deepEqual(await unitsIn(at, version), (sets[version - 1] ?? []).toSorted())
      assert.equal(await countNeedless(at, kept), 0)
    })
    await fc.assert(property, { numRuns: 40 })
  })

  /** A row for each run of versions that hold the unit. */
  async function insertSpans(at: TestRepository, unit: number, sets: readonly (readonly number[])[]): Promise<void> {
    let from: number | undefined
    for (let version = 1; version <= sets.length + 1; version++) {
      const holds = sets[version - 1]?.includes(unit) === true
      if (holds) from ??= version
      const ends = from !== undefined && (version > sets.length || !holds)
      if (!ends) continue
      const to = version > sets.length ? null : version
      await sql`INSERT INTO membership (repository, unit, identity, name, type, added_in, removed_in)
        VALUES (${at.repository}, ${unit}, gen_random_uuid(), gen_random_uuid(), 1, ${from}, ${to})`.execute(database)
      from = undefined
    }
  }

  async function unitsIn(at: TestRepository, version: number): Promise<readonly number[]> {
    const { rows } = await sql<{ unit: number }>`
      SELECT unit FROM membership WHERE repository = ${at.repository} AND added_in <= ${version}
      AND (removed_in IS NULL OR removed_in > ${version}) ORDER BY unit`.execute(database)
    return rows.map((row) => row.unit)
  }

  async function countNeedless(at: TestRepository, kept: readonly number[]): Promise<number> {
    const { rows } = await sql<{ added_in: number; removed_in: number | null }>`
      SELECT added_in, removed_in FROM membership WHERE repository = ${at.repository}`.execute(database)
    const inKept = (row: { added_in: number; removed_in: number | null }) =>
      kept.some((version) => version >= row.added_in && version < (row.removed_in ?? Number.POSITIVE_INFINITY))
    return rows.filter((row) => !inKept(row)).length
  }
})
