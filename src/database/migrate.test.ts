import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEachDatabase } from '../testing/databases.ts'
import { migrate } from './migrate.ts'

onEachDatabase('migrate', (fresh) => {
  it('makes the whole schema once and does nothing afterwards', async () => {
    const { database } = await fresh.open()
    assert.deepEqual(await migrate(database), [])
    const role = await database.selectFrom('role').select('name').executeTakeFirstOrThrow()
    assert.equal(role.name, 'super-users')
  })
})
