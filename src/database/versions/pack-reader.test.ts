import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { KyselyPlugin } from 'kysely'
import { onOneDatabase } from '../../testing/databases.ts'
import { SeededRandom } from '../../testing/seeded-random.ts'
import type { Database } from '../connection.ts'
import { encodePack } from '../units/unit-pack.ts'
import { PackReader } from './pack-reader.ts'

const packs = 20
const slots = 30
const textOf = (pack: number, slot: number) => `text ${slot} of ${pack} `.repeat(slot * 20)

onOneDatabase('the reader of packs', (fresh) => {
  let database: Database
  let queries = 0
  /** All units, in an order in which neighbours hardly ever share a pack. */
  const places = Array.from({ length: packs * slots }, (_, index) => ({
    pack: index % packs,
    slot: Math.floor(index / packs),
  }))
  shuffle(places)

  before(async () => {
    const opened = await fresh.open()
    for (let id = 0; id < packs; id += 1) {
      const body = await encodePack(Array.from({ length: slots }, (_, slot) => Buffer.from(textOf(id, slot))))
      await opened.database.insertInto('unit_pack').values({ id, document: 'text', body }).execute()
    }
    const counting: KyselyPlugin = {
      transformQuery({ node }) {
        queries += 1
        return node
      },
      transformResult: async ({ result }) => result,
    }
    database = opened.database.withPlugin(counting)
  })

  for (const { title, memory } of [
    { title: 'much', memory: 100_000_000 },
    { title: 'little', memory: 100_000 },
    { title: 'hardly any', memory: 1 },
  ]) {
    it(`gives each unit its own documents, in their order, with ${title} memory`, async () => {
      const some = memory === 1 ? places.slice(0, 50) : places
      const read = await Array.fromAsync(new PackReader(database, ['text'], memory).documents(some))
      assert.deepEqual(
        read.map(([place, documents]) => [place, Buffer.from(documents['text'] ?? []).toString()]),
        some.map((place) => [place, textOf(place.pack, place.slot)]),
      )
    })
  }

  it('opens a pack once for all units that fit into memory', async () => {
    queries = 0
    for await (const _ of new PackReader(database, ['text']).documents(places));
    assert.equal(queries, packs)
  })

  it('gives nothing to units without a pack, and asks for nothing where no document is wanted', async () => {
    const place = { pack: null, slot: null }
    assert.deepEqual(await Array.fromAsync(new PackReader(database, ['text']).documents([place])), [[place, {}]])
    queries = 0
    const none = await Array.fromAsync(new PackReader(database, []).documents(places))
    assert.ok(none.every(([, documents]) => Object.keys(documents).length === 0))
    assert.equal(queries, 0)
  })
})

function shuffle(items: unknown[]): void {
  const random = new SeededRandom(1)
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1)
    ;[items[index], items[other]] = [items[other], items[index]]
  }
}
