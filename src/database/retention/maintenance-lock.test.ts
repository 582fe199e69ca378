import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresMaintenanceLock } from './maintenance-lock.ts'

onEachDatabase('the maintenance lock', (fresh) => {
  let opened: OpenDatabase
  let lock: PostgresMaintenanceLock

  before(async () => {
    opened = await fresh.open()
    lock = new PostgresMaintenanceLock(opened.database)
  })

  it('lets one work at a time, and sends the others away at once', async () => {
    const other = new PostgresMaintenanceLock(opened.database)
    const held = await lock.hold(async () => {
      assert.equal(await other.hold(() => Promise.reject(new Error('both work'))), false)
    })
    assert.equal(held, true)
    assert.equal(await other.hold(async () => {}), true)
  })

  it('is free again after work that failed', async () => {
    await assert.rejects(
      lock.hold(() => Promise.reject(new Error('failed'))),
      /failed/,
    )
    assert.equal(await lock.hold(async () => {}), true)
  })
})
