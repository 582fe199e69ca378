import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { isUnusableSegments } from '../../../core/segment.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { unzstd } from '../../../formats/zstd.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, packageXml, servedAt, type TestPackage, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { parseRepomd } from '../metadata/repomd.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'

const base = 'http://upstream.test/'
const required = { relative_url: 'zoo', http: true, https: true }
const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 100 : 8

async function unitsOf(packages: readonly TestPackage[]): Promise<readonly DiscoveredUnit[]> {
  const files = servedAt(base, await yumRepository({ packages }))
  return (await new SyncTrial(yumImporter, files).run({ feed: base })).units
}

/** Names whose order by bytes is not that of letters, or of UTF-16. */
const names = ['a', 'B', 'a-b', 'a.b', 'ab', 'é', '\u{1f43b}', '\uff5e', 'lib&co']
const packages = Array.from({ length: 900 }, (_, index) => {
  const name = `${names[index % names.length]}${index % 40}`
  return anRpm({ name, version: String(index), href: `${index}.rpm`, arch: index % 50 === 0 ? 'src' : 'noarch' })
})
const allUnits = await unitsOf(packages)

function chosen(indices: Iterable<number>): readonly DiscoveredUnit[] {
  return [...indices].sort((one, two) => one - two).map((index) => allUnits[index] ?? assert.fail())
}

async function publish(units: readonly DiscoveredUnit[], config = {}) {
  return new PublishTrial(yumDistributor, units).run({ ...required, ...config })
}

describe('a publication after a change', () => {
  it('is byte for byte what a full one would be', async () => {
    const indices = (most: number) => fc.uniqueArray(fc.nat(packages.length - 1), { maxLength: most, size: 'max' })
    const config = fc.constantFrom(
      {},
      { packages_directory: true },
      { checksum_type: 'md5' },
      { metadata_compression: 'zstd' },
      { skip: ['srpm'] },
    )
    const property = fc.asyncProperty(indices(900), indices(20), indices(20), config, async (there, come, go, more) => {
      const after = new Set([...there, ...come].filter((index) => !go.includes(index)))
      const before = await publish(chosen(there), more)
      const incremental = await before.next(chosen(after)).run({ ...required, ...more })
      const full = await publish(chosen(after), more)
      assert.deepEqual([...incremental.files], [...full.files])
    })
    // Making so large a failing case smaller takes minutes; the seed repeats it.
    await fc.assert(property, { numRuns: runs, endOnFailure: true })
  })

  it('makes only the segments anew that the change is in', async () => {
    const before = await publish(chosen(allUnits.keys()))
    assert.ok(before.segments.made > 6 && before.segments.reused === 0)
    const after = await before.next(allUnits.slice(1)).run(required)
    // With the head, which names the number of packages, and the foot.
    assert.ok(after.segments.made <= 5, `${after.segments.made} were made`)
    assert.ok(after.segments.reused >= before.segments.made - 4)
    const [first] = allUnits
    const again = await after.next([...allUnits.slice(1), first ?? assert.fail()]).run(required)
    assert.deepEqual([...again.files], [...before.files])
  })

  it('leaves out the checksums of much open text, unless it is to tell them always', async () => {
    const many = packages.map((one) => ({ ...one, description: 'a line of a description\n'.repeat(120) }))
    const units = await unitsOf(many)
    const before = await publish(units.slice(1))
    const openOf = ({ files }: { files: ReadonlyMap<string, Buffer> }) =>
      parseRepomd(files.get('repodata/repomd.xml') ?? assert.fail()).records.map(
        ({ openChecksum }) => openChecksum?.value,
      )
    assert.ok(openOf(before).every((value) => value !== undefined))
    const cheap = await before.next(units).run(required)
    assert.deepEqual(openOf(cheap), [undefined, undefined, undefined])
    const always = await before.next(units).run({ ...required, open_checksum: 'always' })
    assert.deepEqual(openOf(always), openOf(await publish(units)))
  })

  it('is made in full in another form, and when the config says so', async () => {
    const before = await publish(allUnits.slice(1))
    for (const more of [
      { packages_directory: true },
      { skip: ['srpm'] },
      { metadata_compression: 'zstd' },
      { force_full: true },
    ]) {
      const after = await before.next(allUnits).run({ ...required, ...more })
      assert.equal(after.segments.reused, 0, JSON.stringify(more))
    }
    const renamed = await before.next(allUnits).run({ ...required, checksum_type: 'sha512' })
    assert.ok(renamed.segments.reused > 0)
  })

  it('tells of segments that do not fit to its version, or cannot be read', async () => {
    const before = await publish(allUnits.slice(0, 300))
    const damaged = new PublishTrial(yumDistributor, allUnits.slice(0, 301), before)
    for (const change of [(pieces: Buffer[]) => pieces[1]?.fill(0, 30), (pieces: Buffer[]) => pieces.splice(0, 1)]) {
      damaged.damage = change
      await assert.rejects(damaged.run(required), isUnusableSegments)
    }
    const other = await publish(allUnits.slice(100, 300))
    const mistaken = new PublishTrial(yumDistributor, allUnits.slice(0, 290), before.mistakenFor(other))
    await assert.rejects(mistaken.run(required), isUnusableSegments)
  })
})

describe('zstd metadata', () => {
  it('holds the same text in frames that stand for themselves', async () => {
    const { files } = await publish(allUnits.slice(0, 300), { metadata_compression: 'zstd' })
    const gzipped = await publish(allUnits.slice(0, 300))
    const { records } = parseRepomd(files.get('repodata/repomd.xml') ?? assert.fail())
    assert.deepEqual(
      records.map(({ href }) => href.replace(/^.*?-/, '')),
      ['primary.xml.zst', 'filelists.xml.zst', 'other.xml.zst'],
    )
    for (const { type, href } of records) {
      const open = Buffer.concat(await Array.fromAsync(unzstd([files.get(href) ?? assert.fail()])))
      const [, same = Buffer.alloc(0)] = [...gzipped.files].find(([path]) => path.includes(`-${type}.`)) ?? []
      assert.ok(open.equals(gunzipSync(same)))
    }
  })

  it('can be synced again, and gives the same units', async () => {
    const units = allUnits.slice(0, 300)
    const { files } = await publish(units, { metadata_compression: 'zstd' })
    const again = await new SyncTrial(yumImporter, servedAt(base, Object.fromEntries(files))).run({ feed: base })
    const names = (list: readonly DiscoveredUnit[]) => list.map(({ metadata }) => metadata['filename']).toSorted()
    assert.deepEqual(names(again.units), names(units))
  })
})

describe('a published file', () => {
  it('lists packages by name, version and arch, whatever the alphabet', async () => {
    const trial = await publish(chosen([8, 0, 6, 7]))
    const expected = [0, 8, 7, 6].map((index) => packages[index] ?? assert.fail())
    const [, primary = Buffer.alloc(0)] = [...trial.files].find(([path]) => path.includes('-primary.')) ?? []
    assert.equal(gunzipSync(primary).toString(), `${packageXml('primary', expected)}\n`)
  })
})
