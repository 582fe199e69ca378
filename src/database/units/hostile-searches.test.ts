import assert from 'node:assert/strict'
import { it } from 'node:test'
import { everything } from '../../core/criteria.ts'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { fromPulpAssociationCriteria } from '../../http/pulp/association-criteria.ts'
import { fromPulpSearchBody } from '../../http/pulp/criteria.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { aNote, openUnitCatalog } from '../../testing/unit-catalog.ts'

const many = Array.from({ length: 70_000 }, (_, index) => `name-${index}`)
const path = Array.from({ length: 20 }, () => '0').join('.')
const searchable = { objectIds: false, options: {} }

/** As much as criteria may ask for, and more. */
const hostile: JsonObject[] = [
  { filters: { name: { $in: [...many, 'a'] } } },
  { filters: { body: { $nin: many } } },
  { filters: { name: { $all: many } } },
  { filters: { name: { $type: many.map(() => 2) } } },
  { filters: { $or: many.slice(0, 900).map((name) => ({ name })) } },
  { filters: Object.fromEntries(many.slice(0, 900).map((name) => [name, null])) },
  { filters: Object.fromEntries(many.map((name) => [name, null])) },
  { filters: { [path]: { $gt: 1 } }, sort: Array.from({ length: 32 }, () => [path, -1]) },
  { filters: { body: { $regex: '(a+)+$' } }, sort: [['body', 1]] },
  { filters: { [`_id.${path.slice(4)}`]: 'x' }, sort: [['downloaded.x', 1]] },
  { filters: { 'a\'b"c$d\\e': 1, '': 1, $and: [{ '.': 1 }] }, sort: [['x\'y"$z', 1]] },
  { skip: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER },
  { fields: many, sort: [['name', 1]] },
]

async function outcome(search: () => AsyncIterable<unknown>): Promise<number> {
  try {
    return (await Array.fromAsync(search())).length
  } catch (error) {
    assert.ok(error instanceof DeckleError && error.details.code === 'bad-criteria', String(error))
    return -1
  }
}

onOneDatabase('A hostile search for units', (fresh) => {
  it('ends, with what it found or as bad criteria', { timeout: 300_000 }, async () => {
    const { reader, hold } = await openUnitCatalog(await fresh.open())
    await hold('one', [aNote('a', { body: 'a'.repeat(50_000) }), aNote('b')])
    for (const criteria of hostile) {
      const name = JSON.stringify(criteria).slice(0, 80)
      const { filters = {}, sort = [], fields = [], ...rest } = criteria
      const inTypes = await outcome(() =>
        reader.search('note', fromPulpSearchBody({ criteria }, searchable).criteria, {}),
      )
      const document = { ...rest, filters: { unit: filters }, sort: { unit: sort }, fields: { unit: fields } }
      const inRepository = await outcome(() =>
        reader.associations('one', fromPulpAssociationCriteria(document).criteria, {}),
      )
      assert.equal(inRepository, inTypes, name)
    }
  })

  it('does not keep others from reading', async () => {
    const { reader, hold, database } = await openUnitCatalog(await fresh.open())
    await hold('one', [aNote('a')])
    const waiting = Array.from({ length: 20 }, () =>
      reader.search('note', { filter: everything, sort: [], skip: 0 }, {}),
    )
    const iterators = waiting.map((units) => units[Symbol.asyncIterator]())
    await Promise.all(iterators.map((iterator) => iterator.next()))
    // Nobody has read to the end, and nobody holds a connection.
    assert.equal((await database.selectFrom('repository').select('name').execute()).length, 1)
    await Promise.all(iterators.map((iterator) => iterator.return?.()))
  })
})
