import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isUnusableSegments } from '../../../core/segment.ts'
import type { PackageEntry } from './package-entry.ts'
import { compareOrder, type PackageOrder, startsSegment } from './package-order.ts'
import { Peekable } from './peekable.ts'
import { type OldSegments, spliceSegments } from './splice-segments.ts'

type Cut = readonly (readonly PackageEntry[])[]

const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 500 : 60

/** The package of a number; `edition` tells revisions of it apart. More begin a segment than usual. */
function entry(number: number, edition = 0): PackageEntry {
  const checksum = createHash('sha256').update(String(number)).digest('hex')
  const last = Number.parseInt(checksum.slice(0, 4), 16) % 50 === 0 ? '0080' : '0001'
  const order = [`p${String(number >> 3).padStart(5, '0')}`, '0', String(number & 7), '1', 'noarch', checksum + last]
  return { order, snippets: [Buffer.from(`${number} ${edition}`)] }
}

function sorted(entries: Iterable<PackageEntry>): readonly PackageEntry[] {
  return [...entries].sort((one, two) => compareOrder(one.order, two.order))
}

/** The rule alone, applied to everything. */
function cutAnew(entries: readonly PackageEntry[]): Cut {
  const segments: PackageEntry[][] = []
  for (const one of entries) {
    const last = segments.at(-1)
    if (last === undefined || startsSegment(last.length, one.order)) segments.push([one])
    else last.push(one)
  }
  return segments
}

async function splice(old: Cut, added: readonly PackageEntry[], removed: readonly PackageEntry[]) {
  const read: number[] = []
  const held: OldSegments = {
    firsts: old.map((segment) => segment[0]?.order ?? []),
    read: async (segment) => {
      read.push(segment)
      return old[segment] ?? []
    },
  }
  const gone = await Peekable.of<PackageOrder>(removed.map(({ order }) => order))
  const outcome = await Array.fromAsync(spliceSegments(held, await Peekable.of(added), gone))
  const reused = outcome.filter((segment) => typeof segment === 'number').length
  return { cut: outcome.map((segment) => (typeof segment === 'number' ? (old[segment] ?? []) : segment)), read, reused }
}

const numbers = (most: number) => fc.uniqueArray(fc.nat(1500), { maxLength: most, size: 'max' })

describe('splicing segments', () => {
  it('gives what cutting all packages anew gives, whatever comes, goes and changes', async () => {
    const change = fc.tuple(numbers(1200), numbers(60), numbers(60), numbers(30))
    const property = fc.asyncProperty(change, async ([there, come, go, revise]) => {
      const before = new Map(there.map((number) => [number, entry(number)]))
      const left = new Set(go.filter((number) => before.has(number)))
      const revised = revise.filter((number) => before.has(number) && !left.has(number))
      const fresh = come.filter((number) => !before.has(number))
      const after = new Map([...before].filter(([number]) => !left.has(number)))
      for (const number of fresh) after.set(number, entry(number))
      for (const number of revised) after.set(number, entry(number, 1))
      const added = sorted([...fresh.map((number) => entry(number)), ...revised.map((number) => entry(number, 1))])
      const removed = sorted([...left, ...revised].map((number) => entry(number)))
      const { cut } = await splice(cutAnew(sorted(before.values())), added, removed)
      assert.deepEqual(cut, cutAnew(sorted(after.values())))
    })
    // Making so large a failing case smaller takes minutes; the seed repeats it.
    await fc.assert(property, { numRuns: runs, endOnFailure: true })
  })

  it('reads the segments around one change only', async () => {
    const all = Array.from({ length: 1500 }, (_, number) => entry(number * 2))
    const old = cutAnew(sorted(all))
    assert.ok(old.length > 20)
    for (const number of [1, 777, 1501, 2999]) {
      const added = await splice(old, [entry(number)], [])
      assert.ok(added.read.length <= 1 && added.reused >= old.length - 1, `${added.read} after ${number} was added`)
      const removed = await splice(old, [], [entry(number - 1)])
      assert.ok(removed.read.length <= 3, `${removed.read} after ${number - 1} was removed`)
      assert.ok(removed.reused >= old.length - 3)
    }
    const unchanged = await splice(old, [], [])
    assert.deepEqual([unchanged.read, unchanged.reused], [[], old.length])
  })

  it('refuses segments that lack a package which they should have', async () => {
    const old = cutAnew(sorted(Array.from({ length: 100 }, (_, number) => entry(number * 2))))
    for (const number of [1, 99, 99_999]) await assert.rejects(splice(old, [], [entry(number)]), isUnusableSegments)
  })
})

describe('the bounds of segments', () => {
  it('depend on the package alone, between the fewest and the most packages of a segment', () => {
    const order = fc.tuple(
      fc.string(),
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32 }),
    )
    fc.assert(
      fc.property(order, (fields) => {
        const starts = Array.from({ length: 520 }, (_, size) => startsSegment(size, fields))
        assert.equal(new Set(starts.slice(0, 32)).size, 1)
        assert.equal(starts[0], false)
        assert.equal(new Set(starts.slice(32, 512)).size, 1)
        assert.ok(starts.slice(512).every(Boolean))
      }),
    )
  })

  it('make segments of about 128 packages of real checksums', () => {
    const all = Array.from({ length: 20_000 }, (_, number) => {
      const checksum = createHash('sha256').update(String(number)).digest('hex')
      return { order: [String(number).padStart(6, '0'), checksum], snippets: [] }
    })
    const cut = cutAnew(all)
    assert.ok(cut.length > 90 && cut.length < 180, String(cut.length))
  })

  it('lie in an order of bytes, field by field', () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '-', '~', 'é', '\uff5e', '\u{1f43b}'),
      maxLength: 4,
    })
    const order = fc.array(field, { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(order, order, (one, two) => {
        const differing = one.findIndex((text, at) => text !== two[at])
        const expected =
          differing === -1 ? 0 : Buffer.compare(Buffer.from(one[differing] ?? ''), Buffer.from(two[differing] ?? ''))
        assert.equal(Math.sign(compareOrder(one, two)), expected)
        assert.equal(Math.sign(compareOrder(two, one)), -expected + 0)
      }),
    )
  })
})
