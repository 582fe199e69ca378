import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { IdentityList } from './identity-list.ts'

it('a list of identities gives back all of them, however many', () => {
  const ids = Array.from({ length: 5000 }, () => randomUUID())
  const list = new IdentityList()
  for (const id of ids) list.add(id)
  assert.deepEqual(
    [...list],
    ids.map((id) => id.replaceAll('-', '')),
  )
})
