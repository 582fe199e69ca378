import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { spaceFault } from '../../core/space.ts'
import { withRoom } from './full-disk.ts'

describe('a publish that has no room for its temporary files', () => {
  const told = (work: () => unknown) =>
    withRoom(async () => work()).then(
      () => assert.fail('it did not fail'),
      (error: unknown) => error,
    )

  it('waits for space, whoever found the disk full', async () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const error = await told(() => {
        throw Object.assign(new Error('no'), { code })
      })
      assert.match(spaceFault(error) ?? '', /no space is left for temporary files/, code)
    }
    const error = await told(() => {
      const database = new DatabaseSync(':memory:')
      database.exec('PRAGMA max_page_count = 2; CREATE TABLE one (a)')
      database.exec('CREATE TABLE two (a)')
    })
    assert.notEqual(spaceFault(error), undefined)
  })

  it('fails with what else is wrong', async () => {
    const other = new Error('other')
    const error = await told(() => {
      throw other
    })
    assert.equal(error, other)
  })
})
