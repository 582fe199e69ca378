import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { eventually } from '../../testing/eventually.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresMaintenanceLock } from './maintenance-lock.ts'

onEachDatabase('the maintenance lock', (fresh) => {
  let opened: OpenDatabase
  let lock: PostgresMaintenanceLock

  before(async () => {
    opened = await fresh.open()
    lock = new PostgresMaintenanceLock(opened.url)
  })

  it('lets one work at a time, and sends the others away at once', async () => {
    const other = new PostgresMaintenanceLock(opened.url)
    const held = await lock.hold(async () => {
      assert.equal(await other.hold(() => Promise.reject(new Error('both work'))), false)
    })
    assert.equal(held, true)
    assert.equal(await other.hold(async () => {}), true)
  })

  it('does not fail the work when the connection is lost, and is free for others then', async () => {
    const held = await lock.hold(async () => {
      await opened.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'deckle maintenance'`)
      await eventually(async () => await lock.hold(async () => {}))
    })
    assert.equal(held, true)
  })

  it('is free again after work that failed', async () => {
    await assert.rejects(
      lock.hold(() => Promise.reject(new Error('failed'))),
      /failed/,
    )
    assert.equal(await lock.hold(async () => {}), true)
  })
})
