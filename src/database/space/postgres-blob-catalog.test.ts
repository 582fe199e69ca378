import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { sha256Hex } from '../../core/digest.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { eventually } from '../../testing/eventually.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresBlobCatalog } from './postgres-blob-catalog.ts'
import { saveBlobs } from './save-blobs.ts'

onEachDatabase('blob reservations', (fresh) => {
  let opened: OpenDatabase
  let catalog: PostgresBlobCatalog

  before(async () => {
    opened = await fresh.open()
    catalog = new PostgresBlobCatalog(opened.database)
  })

  function save(written: readonly string[], reused: readonly string[] = []): Promise<ReadonlySet<string>> {
    const named = (names: readonly string[]) => names.map((name) => ({ sha256: sha256Hex(name) }))
    return opened.database.transaction().execute((transaction) => saveBlobs(transaction, named(written), named(reused)))
  }

  function reserve(...names: readonly string[]): Promise<void> {
    return catalog.reserve(names.map((name) => ({ sha256: sha256Hex(name), size: name.length })))
  }

  async function row(name: string) {
    const { rows } = await sql<{ stored: boolean; condemned: boolean; size: number }>`
      SELECT stored_at IS NOT NULL AS stored, condemned_at IS NOT NULL AS condemned, size FROM blob
      WHERE sha256 = ${Buffer.from(sha256Hex(name), 'hex')}`.execute(opened.database)
    return rows[0]
  }

  async function set(name: string, assignment: string): Promise<void> {
    await sql`UPDATE blob SET ${sql.raw(assignment)} WHERE sha256 = ${Buffer.from(sha256Hex(name), 'hex')}`.execute(
      opened.database,
    )
  }

  it('makes a row that is not stored before somebody refers to the bytes', async () => {
    await reserve('new', 'new')
    assert.deepEqual(await row('new'), { stored: false, condemned: false, size: 3 })
    await save(['new'])
    assert.equal((await row('new'))?.stored, true)
  })

  it('takes back a mark for deletion', async () => {
    await reserve('marked')
    await set('marked', 'condemned_at = now()')
    await reserve('marked')
    assert.equal((await row('marked'))?.condemned, false)
  })

  it('refuses bytes whose reservation ran out, or that nobody reserved', async () => {
    await reserve('late')
    await set('late', "reserved_until = now() - interval '1 second'")
    for (const name of ['late', 'unknown']) {
      await assert.rejects(save([name]), { kind: 'conflict', message: /ran out/ })
    }
    assert.equal((await row('late'))?.stored, false)
  })

  it('lets stored bytes be shared, unmarks them, and names those that are gone', async () => {
    await reserve('shared', 'deleting')
    await save(['shared', 'deleting'])
    await set('shared', 'condemned_at = now(), reserved_until = NULL')
    await set('deleting', 'condemned_at = now(), reserved_until = NULL, stored_at = NULL')
    const gone = await save([], ['shared', 'deleting', 'never there'])
    assert.deepEqual(gone, new Set([sha256Hex('deleting'), sha256Hex('never there')]))
    assert.deepEqual(await row('shared'), { stored: true, condemned: false, size: 6 })
    assert.equal((await row('deleting'))?.condemned, true)
  })

  it('waits for a deletion that is under way and makes the row anew', async () => {
    await reserve('dying')
    const order: string[] = []
    let reserved: Promise<void> | undefined
    await opened.database.transaction().execute(async (transaction) => {
      const digest = Buffer.from(sha256Hex('dying'), 'hex')
      await transaction.deleteFrom('blob').where('sha256', '=', digest).execute()
      reserved = reserve('dying').then(() => void order.push('reserved'))
      await blockedQuery(opened)
      order.push('deleted')
    })
    await reserved
    assert.deepEqual(order, ['deleted', 'reserved'])
    assert.equal((await row('dying'))?.stored, false)
  })
})

/** Resolves once a query of this database waits for a lock. */
function blockedQuery(opened: OpenDatabase): Promise<void> {
  return eventually(async () => {
    const { rows } = await sql`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(opened.database)
    return rows.length > 0
  })
}
