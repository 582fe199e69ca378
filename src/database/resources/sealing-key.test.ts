import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { sealingKey } from './sealing-key.ts'

onEachDatabase('the key that seals secrets', (fresh) => {
  it('is one for all who ask, at once or later', async () => {
    const { database } = await fresh.open()
    const keys = await Promise.all(Array.from({ length: 5 }, () => sealingKey(database)))
    for (const key of [...keys, await sealingKey(database)]) assert.deepEqual(key, keys[0])
    assert.equal(keys[0]?.length, 32)
    const other = await fresh.open()
    assert.notDeepEqual(await sealingKey(other.database), keys[0])
  })
})
