import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RunSpool } from '../../blobs/spool.ts'
import type { ContentType } from '../../core/content-type.ts'
import type { UnitQuery } from '../../core/repository-version.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { noteType } from '../../testing/note-type.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { registerContentTypes } from '../units/content-type-ids.ts'
import { PostgresVersionStore } from './version-store.ts'

const note: ContentType = { ...noteType, documents: ['text'] }
const batches = 18
const inBatch = 500

/** Neighbours by name are in different batches. */
function batch(number: number): DiscoveredUnit[] {
  return Array.from({ length: inBatch }, (_, index) => {
    const name = String(index * batches + number).padStart(5, '0')
    return {
      type: 'note',
      key: { name },
      metadata: { name },
      files: [],
      documents: { text: Buffer.from(`of ${name}`) },
    }
  })
}

onOneDatabase('units that came in another order than they are wanted', (fresh) => {
  it('are read with their own documents, by a scratch file where there may be one', async () => {
    const { database, pool } = await fresh.open()
    const versions = new PostgresVersionStore(database, pool, await registerContentTypes(database, [note]))
    const repository = { id: 'mixed', displayName: null, description: null, notes: {} }
    await new PostgresRepositoryStore(database).create(repository, { type: 'note_importer', config: {} }, [])
    const draft = await versions.open('mixed', await runningTask(database))
    for (let number = 0; number < batches; number += 1) {
      const examined = await draft.examine(batch(number))
      await draft.add(examined.map(({ unit }) => ({ unit, fetched: new Map() })))
    }
    await draft.commit()
    const spool = new RunSpool(await temporaryFolder())
    let scratches = 0
    const scratch = () => {
      scratches += 1
      return spool.scratch()
    }
    const query = { repositoryId: 'mixed', version: 1, types: ['note'], order: ['name'], documents: ['text'] }
    for (const each of [query, { ...query, scratch }, { ...query, scratch, order: [] }] satisfies UnitQuery[]) {
      const units = await Array.fromAsync(versions.units(each))
      assert.equal(units.length, batches * inBatch)
      for (const { unit, documents } of units)
        assert.equal(Buffer.from(documents['text'] ?? []).toString(), `of ${unit.metadata['name']}`)
    }
    // In the order in which they came there is nothing to gain.
    assert.equal(scratches, 1)
    await spool.dispose()
  })
})
