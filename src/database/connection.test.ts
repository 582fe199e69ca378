import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onOneDatabase } from '../testing/databases.ts'
import type { OpenDatabase } from './connection.ts'

onOneDatabase('the connection pool', (fresh) => {
  let opened: OpenDatabase
  before(async () => {
    opened = await fresh.open()
  })

  it('survives the loss of a connection that is in use but has no statement under way', async () => {
    const { pool } = opened
    const client = await pool.connect()
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const ended = new Promise((resolve) => client.once('end', resolve))
    await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    await ended
    await assert.rejects(client.query('SELECT 1'))
    client.release(true)
    assert.equal((await pool.query('SELECT 1')).rowCount, 1)
  })
})
