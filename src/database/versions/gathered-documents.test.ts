import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RunSpool } from '../../blobs/spool.ts'
import type { Scratch } from '../../core/scratch.ts'
import { SeededRandom } from '../../testing/seeded-random.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { GatheredDocuments } from './gathered-documents.ts'
import type { OpenPack, PackPlace } from './open-pack.ts'
import { areScattered, PlaceList } from './place-list.ts'

const slots = 40

/** Some as large as what is written at a time, and larger. */
const textOf = (pack: number, slot: number) =>
  Buffer.from(`text ${slot} of ${pack} `.repeat(pack % 5 === 4 && slot === 7 ? 30_000 : slot * 20))

const packs = Array.from({ length: 60 }, (_, pack) => packOf(pack))

/** Every tenth pack has a second document as well. */
function packOf(pack: number): ReadonlyMap<string, readonly Buffer[]> {
  const texts = Array.from({ length: slots }, (_, slot) => textOf(pack, slot))
  return new Map([['text', texts], ...(pack % 10 === 0 ? [['more', texts.toReversed()] as const] : [])])
}

async function open(pack: number): Promise<OpenPack> {
  return packs[pack] ?? new Map()
}

function expected({ pack, slot }: PackPlace): Record<string, string> {
  if (pack === null || slot === null) return {}
  const documents = [...(packs[pack] ?? [])].map(([name, texts]) => [name, String(texts[slot])])
  return Object.fromEntries(documents)
}

/** Units of all packs and some without any, shuffled. */
function mixed(count: number, seed: number): PackPlace[] {
  const places = Array.from(
    { length: count * slots },
    (_, index): PackPlace =>
      index % 33 === 0 ? { pack: null, slot: null } : { pack: index % count, slot: Math.floor(index / count) },
  )
  const random = new SeededRandom(seed)
  for (let index = places.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1)
    const [one, another] = [places[index], places[other]]
    if (one === undefined || another === undefined) continue
    places[index] = another
    places[other] = one
  }
  return places
}

function listOf(places: readonly PackPlace[]): PlaceList {
  const list = new PlaceList()
  for (const place of places) list.push(place)
  return list
}

describe('gathered documents', () => {
  it('are those of each unit, in the order of the units, each pack opened once, whatever the memory', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const given = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      seed: fc.nat(),
      memory: fc.constantFrom(1, 50_000, 10_000_000),
      from: fc.nat(50),
      page: fc.integer({ min: 1, max: 700 }),
    })
    const property = fc.asyncProperty(given, async ({ count, seed, memory, from, page }) => {
      const places = mixed(count, seed)
      const opened: number[] = []
      const counting = (pack: number) => {
        opened.push(pack)
        return open(pack)
      }
      const names = ['text', 'more']
      const plan = { places: listOf(places), names, open: counting, scratch: await spool.scratch(), memory }
      const gathered = await GatheredDocuments.gather(plan, from)
      assert.equal(new Set(opened).size, opened.length)
      for (let at = from; at < places.length; at += page) {
        const units = places.slice(at, at + page)
        for await (const [place, documents] of gathered.documents(units, at)) {
          const texts = Object.entries(documents).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])
          assert.deepEqual(Object.fromEntries(texts), expected(place))
        }
      }
    })
    await fc.assert(property, { numRuns: 10 })
    await spool.dispose()
  })

  it('end where the disk is full', async () => {
    const scratch: Scratch = {
      async append() {
        throw new Error('no space is left')
      },
      read: async () => new Uint8Array(),
    }
    const gathering = GatheredDocuments.gather({ places: listOf(mixed(5, 1)), names: ['text'], open, scratch })
    await assert.rejects(gathering, /no space is left/)
  })

  it('are not taken for those of units that came in the place of others', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const places = mixed(5, 1)
    const plan = { places: listOf(places), names: ['text'], open, scratch: await spool.scratch() }
    const gathered = await GatheredDocuments.gather(plan)
    const reading = Array.fromAsync(gathered.documents(places.toReversed(), 0))
    await assert.rejects(reading, /units were deleted while they were read/)
    await spool.dispose()
  })
})

describe('places of documents', () => {
  it('are scattered when units that follow each other are few of their packs', () => {
    const inOrder = Array.from({ length: 10 * slots }, (_, index) => ({
      pack: Math.floor(index / slots),
      slot: index % slots,
    }))
    assert.equal(areScattered(inOrder), false)
    assert.equal(areScattered(mixed(100, 1).slice(0, 400)), true)
    assert.equal(areScattered([{ pack: null, slot: null }]), false)
  })
})
