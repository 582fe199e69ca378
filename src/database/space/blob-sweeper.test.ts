import assert from 'node:assert/strict'
import { before, beforeEach, it } from 'node:test'
import { sql } from 'kysely'
import { sha256Hex } from '../../core/digest.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { insertRepository, insertUnitFile, publish, type TestRepository } from '../../testing/publications.ts'
import type { Database, OpenDatabase } from '../connection.ts'
import { PostgresBlobCatalog } from './postgres-blob-catalog.ts'
import { PostgresBlobSweeper } from './postgres-blob-sweeper.ts'
import { withoutSweeps } from './sweep-lock.ts'

/** Bytes are a set of names here; one may refuse to go. */
class MemoryBlobs {
  readonly removed: string[] = []
  stuck: string | undefined
  meanwhile: (sha256: string) => Promise<void> = async () => undefined

  async remove(sha256: string): Promise<void> {
    await this.meanwhile(sha256)
    if (sha256 === this.stuck) throw new Error('the disk does not let go')
    this.removed.push(sha256)
  }
}

onEachDatabase('blob sweeper', (fresh) => {
  let opened: OpenDatabase
  let database: Database
  let at: TestRepository
  let blobs: MemoryBlobs
  let sweeper: PostgresBlobSweeper

  before(async () => {
    opened = await fresh.open()
    database = opened.database
    at = await insertRepository(database)
  })

  beforeEach(async () => {
    await sql`DELETE FROM publication; DELETE FROM unit_file; DELETE FROM file; DELETE FROM blob`.execute(database)
    blobs = new MemoryBlobs()
    sweeper = new PostgresBlobSweeper({ database, blobs, graceSeconds: 60 })
  })

  async function aBlob(content: string, assignment = 'stored_at = now()'): Promise<string> {
    const sha256 = sha256Hex(content)
    const digest = Buffer.from(sha256, 'hex')
    await sql`INSERT INTO blob (sha256, size) VALUES (${digest}, ${content.length}) ON CONFLICT DO NOTHING`.execute(
      database,
    )
    await sql`UPDATE blob SET ${sql.raw(assignment)} WHERE sha256 = ${digest}`.execute(database)
    return sha256
  }

  const long = "condemned_at = now() - interval '2 minutes'"

  async function condemned(): Promise<readonly string[]> {
    const { rows } = await sql<{ sha256: Buffer }>`
      SELECT sha256 FROM blob WHERE condemned_at IS NOT NULL ORDER BY sha256`.execute(database)
    return rows.map((row) => row.sha256.toString('hex'))
  }

  it('condemns only what no unit and no publication refers to and nobody has reserved', async () => {
    const alone = await aBlob('alone')
    const given = await aBlob('given up', "reserved_until = now() - interval '1 second'")
    await aBlob('reserved', "reserved_until = now() + interval '1 hour'")
    await insertUnitFile(database, at, { path: 'a', content: 'of a unit' })
    await aBlob('of a publication')
    const id = await publish(database, at, { basePath: '/t/condemn' })
    const digest = Buffer.from(sha256Hex('of a publication'), 'hex')
    await database.insertInto('generated_blob').values({ sha256: digest, publication: id }).execute()
    assert.equal(await sweeper.condemnUnreferenced(100), 2)
    assert.deepEqual(await condemned(), [alone, given].sort())
    await sql`DELETE FROM publication`.execute(database)
    assert.equal(await sweeper.condemnUnreferenced(100), 1)
  })

  it('looks at a few blobs at a time, and comes round to the first again', async () => {
    const all = await Promise.all(['1', '2', '3', '4', '5'].map((content) => aBlob(content)))
    const counts = []
    for (let step = 0; step < 3; step += 1) counts.push(await sweeper.condemnUnreferenced(2))
    assert.deepEqual([counts, await condemned()], [[2, 2, 1], all.toSorted()])
    const [first = ''] = all.toSorted()
    await sql`UPDATE blob SET condemned_at = NULL WHERE sha256 = ${Buffer.from(first, 'hex')}`.execute(database)
    assert.equal(await sweeper.condemnUnreferenced(2), 1)
  })

  it('deletes bytes and rows once the grace is over', async () => {
    const gone = await aBlob('gone', `stored_at = now(), ${long}`)
    await aBlob('in grace', "stored_at = now(), condemned_at = now() - interval '50 seconds'")
    assert.deepEqual(await sweeper.sweep(10), { blobs: 1, bytes: 4, failed: 0, more: false })
    assert.deepEqual(blobs.removed, [gone])
    const { rows } = await sql<{ size: number }>`SELECT size FROM blob`.execute(database)
    assert.deepEqual(rows, [{ size: 8 }])
  })

  it('pardons what came into use in the meantime', async () => {
    await insertUnitFile(database, at, { path: 'b', content: 'in use' })
    await aBlob('in use', long)
    await aBlob('reserved', `reserved_until = now() + interval '1 hour', ${long}`)
    assert.deepEqual(await sweeper.sweep(10), { blobs: 0, bytes: 0, failed: 0, more: false })
    assert.deepEqual([blobs.removed, await condemned()], [[], []])
  })

  it('goes on with what a crash left half deleted', async () => {
    const half = await aBlob('half', `stored_at = NULL, ${long}`)
    await sweeper.sweep(10)
    assert.deepEqual(blobs.removed, [half])
  })

  it('takes away what a dead fetch left of a file that is still wanted', async () => {
    await insertUnitFile(database, at, { path: 'd', content: 'wanted' })
    const begun = await aBlob('wanted', "stored_at = NULL, reserved_until = now() - interval '1 second'")
    await insertUnitFile(database, at, { path: 'e', content: 'wanted again' })
    const half = await aBlob('wanted again', `stored_at = NULL, ${long}`)
    assert.equal(await sweeper.condemnUnreferenced(100), 1)
    await aBlob('wanted', long)
    await sweeper.sweep(10)
    assert.deepEqual(blobs.removed.toSorted(), [begun, half].sort())
    const { rows } = await sql`SELECT FROM blob`.execute(database)
    assert.equal(rows.length, 0)
  })

  it('leaves a blob alone that somebody reserves before its bytes go, and makes him wait while they go', async () => {
    const catalog = new PostgresBlobCatalog(database)
    await aBlob('first', `stored_at = now(), ${long}`)
    let reserved: Promise<unknown> = Promise.resolve()
    blobs.meanwhile = async (sha256) => {
      reserved = catalog.reserve([{ sha256, size: 5 }]).then(() => blobs.removed.push('reserved'))
      await sql`SELECT pg_sleep(0.05)`.execute(database)
    }
    await sweeper.sweep(10)
    await reserved
    assert.deepEqual(blobs.removed, [sha256Hex('first'), 'reserved'])
    const { rows } = await sql<{ stored: boolean }>`SELECT stored_at IS NOT NULL AS stored FROM blob`.execute(database)
    assert.deepEqual(rows, [{ stored: false }])
  })

  it('puts a blob that cannot be deleted behind the others and says why', async () => {
    blobs.stuck = await aBlob('stuck', `stored_at = now(), ${long}`)
    const other = await aBlob('other', `stored_at = now(), ${long}`)
    const swept = await sweeper.sweep(10)
    assert.deepEqual(swept, { blobs: 1, bytes: 5, failed: 1, more: false, reason: 'Error: the disk does not let go' })
    assert.deepEqual(blobs.removed, [other])
    assert.deepEqual(await condemned(), [blobs.stuck])
    assert.equal((await sweeper.sweep(10))?.failed, 0)
  })

  it('deletes nothing while a backup needs all blobs', async () => {
    await aBlob('needed', `stored_at = now(), ${long}`)
    assert.equal(await withoutSweeps(database, () => sweeper.sweep(10)), undefined)
    assert.deepEqual(blobs.removed, [])
    assert.equal((await sweeper.sweep(10))?.blobs, 1)
  })

  it('drops rows of files that no unit has, unless somebody fetches them', async () => {
    await insertUnitFile(database, at, { path: 'c', content: 'used' })
    await sql`INSERT INTO file (sha256, size) VALUES (NULL, 1), (NULL, 2)`.execute(database)
    await sql`INSERT INTO fetch_lease (file, holder, until) SELECT id, 'me', now() FROM file WHERE size = 1`.execute(
      database,
    )
    assert.deepEqual([await sweeper.dropUnusedFiles(2), await sweeper.dropUnusedFiles(2)], [0, 1])
    const { rows } = await sql<{ size: number }>`SELECT size FROM file ORDER BY size`.execute(database)
    assert.deepEqual(
      rows.map((row) => row.size),
      [1, 4],
    )
  })
})
