import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { onEachDatabase } from '../../testing/databases.ts'
import type { OpenDatabase } from '../connection.ts'
import { bytesArray, plainArray } from './array-literals.ts'

onEachDatabase('arrays written as PostgreSQL reads them', (fresh) => {
  let opened: OpenDatabase
  before(async () => {
    opened = await fresh.open()
  })

  it('hold numbers with gaps, UUIDs and bytes, and nothing when they are empty', async () => {
    const { rows } = await sql<Record<string, unknown>>`SELECT
      ${plainArray([1, null, 2 ** 40])}::bigint[] AS numbers,
      ${plainArray(['5f7a284f-51f0-8034-828f-69107fe6ba06'])}::uuid[]::text[] AS uuids,
      ${bytesArray(['00ff', '', '5c22'])}::bytea[] AS bytes,
      ${plainArray([])}::bigint[] AS none, ${bytesArray([])}::bytea[] AS nothing`.execute(opened.database)
    assert.deepEqual(rows[0], {
      numbers: ['1', null, String(2 ** 40)],
      uuids: ['5f7a284f-51f0-8034-828f-69107fe6ba06'],
      bytes: [Buffer.from([0, 255]), Buffer.alloc(0), Buffer.from('\\"')],
      none: [],
      nothing: [],
    })
  })
})
