import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { ContentType } from '../../core/content-type.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { DraftBench, numbersOf } from '../../testing/draft-bench.ts'
import { noteType } from '../../testing/note-type.ts'

/** A repository holds one build of each name. */
const build: ContentType = { ...noteType, id: 'build', keyFields: ['name', 'checksum'], uniqueIn: ['name'] }

function aNote(name: string, body = ''): DiscoveredUnit {
  return { type: 'note', key: { name }, metadata: { name, body }, files: [] }
}

function aBuild(name: string, checksum: string): DiscoveredUnit {
  return { type: 'build', key: { name, checksum }, metadata: { name, checksum }, files: [] }
}

onEachDatabase('a draft that copies', (fresh) => {
  let bench: DraftBench
  before(async () => {
    bench = await DraftBench.open(await fresh.open(), [noteType, build])
  })

  const texts = async (id: string, version?: number) =>
    (await bench.units(id, version)).map(
      ({ metadata }) => `${metadata['name']}${metadata['body'] ?? metadata['checksum']}`,
    )

  async function dates(id: string) {
    const { rows } = await bench.opened.pool.query<{ created: Date; updated: Date }>(
      'SELECT created, updated FROM membership WHERE removed_in IS NULL AND repository = (SELECT id FROM repository WHERE name = $1)',
      [id],
    )
    return rows
  }

  it('puts in units of the catalog, more than one batch of them', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => aNote(`note ${index}`))
    const source = await bench.repository(...many)
    const target = await bench.repository(aNote('own'))
    const wanted = await bench.ids(source)
    const commit = await bench.change(target, async (draft) => assert.deepEqual(await draft.take(wanted), []))
    assert.deepEqual(numbersOf(commit), [2, 2_500, 0, 0])
    assert.deepEqual(commit.version.counts, { note: 2_501 })
    assert.deepEqual(await texts(target, 1), ['own'])
    const { lastUnitAdded, lastUnitRemoved } = await bench.repositories.get(target)
    assert.deepEqual([lastUnitAdded instanceof Date, lastUnitRemoved], [true, null])
  })

  it('associates anew what is there: only the date changes, in no new version', async () => {
    const target = await bench.repository(aNote('again'))
    const [former] = await dates(target)
    const commit = await bench.change(target, async (draft) => draft.take(await bench.ids(target)))
    assert.deepEqual(numbersOf(commit), [1, 0, 0, 0])
    const [present] = await dates(target)
    assert.ok(former !== undefined && present !== undefined)
    assert.deepEqual(present.created, former.created)
    assert.ok(present.updated > former.updated)
  })

  it('replaces another revision of a key', async () => {
    const [source, target] = [await bench.repository(aNote('n', '2')), await bench.repository(aNote('n', '1'))]
    const commit = await bench.change(target, async (draft) => draft.take(await bench.ids(source)))
    assert.deepEqual(numbersOf(commit), [2, 0, 1, 0])
    assert.deepEqual([await texts(target, 1), await texts(target, 2)], [['n1'], ['n2']])
  })

  it('takes the last of two revisions of a key', async () => {
    const [first, second] = [await bench.repository(aNote('two', '1')), await bench.repository(aNote('two', '2'))]
    const target = await bench.repository()
    const both = [...(await bench.ids(second)), ...(await bench.ids(first))]
    await bench.change(target, (draft) => draft.take(both))
    assert.deepEqual(await texts(target), ['two1'])
  })

  it('lets what is copied win over another unit of its name', async () => {
    const older = await bench.repository(aBuild('tool', 'a'))
    const target = await bench.repository(aBuild('tool', 'b'))
    const commit = await bench.change(target, async (draft) => draft.take(await bench.ids(older)))
    assert.deepEqual(numbersOf(commit), [2, 1, 0, 1])
    assert.deepEqual(await texts(target), ['toola'])
  })

  it('says which units are gone, and takes the others', async () => {
    const source = await bench.repository(aNote('stays'))
    const target = await bench.repository()
    const wanted = [...(await bench.ids(source)), 987_654_321]
    await bench.change(target, async (draft) => assert.deepEqual(await draft.take(wanted), [987_654_321]))
    assert.deepEqual(await texts(target), ['stays'])
  })

  it('takes units out, and leaves those alone that are not in', async () => {
    const source = await bench.repository(aNote('other'))
    const target = await bench.repository(aNote('a'), aNote('b'))
    const [a] = await bench.ids(target)
    assert.ok(a !== undefined)
    const commit = await bench.change(target, async (draft) => draft.drop([a, ...(await bench.ids(source))]))
    assert.deepEqual(numbersOf(commit), [2, 0, 0, 1])
    assert.deepEqual([await texts(target, 1), await texts(target, 2)], [['a', 'b'], ['b']])
    assert.ok((await bench.repositories.get(target)).lastUnitRemoved instanceof Date)
  })

  it('comes to no version when it takes out what it put in, or puts in again what it took out', async () => {
    const source = await bench.repository(aNote('visitor'))
    const target = await bench.repository(aNote('host'))
    const [visitors, hosts] = [await bench.ids(source), await bench.ids(target)]
    const commit = await bench.change(target, async (draft) => {
      await draft.take(visitors)
      await draft.drop([...visitors, ...hosts])
      await draft.take(hosts)
    })
    assert.deepEqual(numbersOf(commit), [1, 0, 0, 0])
    assert.deepEqual(await texts(target), ['host'])
  })

  it('becomes a version of another repository, or an earlier one of its own', async () => {
    const source = await bench.repository(aNote('both'), aNote('theirs', '1'))
    const target = await bench.repository(aNote('both'), aNote('own'), aNote('theirs', '0'))
    assert.deepEqual(numbersOf(await bench.takeOver(target, source, 1)), [2, 0, 1, 1])
    assert.deepEqual(await bench.ids(target), await bench.ids(source))
    assert.deepEqual(numbersOf(await bench.takeOver(target, target, 1)), [3, 1, 1, 0])
    assert.deepEqual(await texts(target), await texts(target, 1))
    assert.deepEqual(numbersOf(await bench.takeOver(target, target, 1)), [3, 0, 0, 0])
    assert.deepEqual(numbersOf(await bench.takeOver(target, target, 0)), [4, 0, 0, 3])
  })

  it('does not become a version that is not there or that lost units', async () => {
    const source = await bench.repository(aNote('a'), aNote('b'))
    const target = await bench.repository()
    await assert.rejects(bench.takeOver(target, 'nowhere', 1), { kind: 'not-found' })
    await assert.rejects(bench.takeOver(target, source, 2), { kind: 'not-found' })
    await bench.opened.pool.query('UPDATE repository_version SET pruned = true')
    await assert.rejects(bench.takeOver(target, source, 1), { kind: 'conflict' })
    assert.deepEqual(await bench.units(target), [])
  })
})
