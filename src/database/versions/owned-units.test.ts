import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { ContentType } from '../../core/content-type.ts'
import { sha256Hex } from '../../core/digest.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { addUnits, DraftBench, numbersOf } from '../../testing/draft-bench.ts'

/** Each repository has its own. */
const list: ContentType = {
  id: 'list',
  displayName: 'List',
  description: 'For tests',
  searchIndexes: [],
  referencedTypes: [],
  keyFields: ['name', 'repo_id'],
  hasFiles: true,
  documents: ['text'],
  scope: 'repository',
}

function aList(name: string, content: string): DiscoveredUnit {
  const digests = [{ algorithm: 'sha256', value: sha256Hex(content) } as const]
  const files = [{ path: `${name}.list`, size: content.length, digests, urls: [`http://up.test/${name}`] }]
  return { type: 'list', key: { name }, metadata: { name }, files, documents: { text: Buffer.from(content) } }
}

onEachDatabase('units that their repository owns', (fresh) => {
  let bench: DraftBench
  before(async () => {
    bench = await DraftBench.open(await fresh.open(), [list])
  })

  /** Name, owner, document and file of each list. */
  async function lists(id: string, version?: number) {
    const number = version ?? (await bench.repositories.get(id)).latest
    const query = {
      repositoryId: id,
      version: number,
      types: ['list'],
      order: ['name'],
      documents: ['text'],
      files: true,
    }
    const found = await Array.fromAsync(bench.versions.units(query))
    return found.map(({ unit, documents, files }) => [
      unit.metadata['name'],
      unit.metadata['repo_id'],
      Buffer.from(documents['text'] ?? []).toString(),
      files.map(({ path, sha256 }) => [path, sha256]),
    ])
  }
  const listOf = (name: string, owner: string, content: string) => [
    name,
    owner,
    content,
    [[`${name}.list`, sha256Hex(content)]],
  ]

  it('clones what the other repository owns, once', async () => {
    const source = await bench.repository(aList('l', 'one'))
    const target = await bench.repository(aList('l', 'zero'))
    assert.deepEqual(await lists(source), [listOf('l', source, 'one')])
    const commit = await bench.change(target, async (draft) => draft.take(await bench.ids(source)))
    assert.deepEqual(numbersOf(commit), [2, 0, 1, 0])
    assert.deepEqual(await lists(target), [listOf('l', target, 'one')])
    assert.deepEqual(await lists(target, 1), [listOf('l', target, 'zero')])
    assert.deepEqual(await lists(source), [listOf('l', source, 'one')])
    const again = await bench.change(target, async (draft) => draft.take(await bench.ids(source)))
    const synced = await bench.change(target, (draft) => addUnits(draft, [aList('l', 'one')]))
    assert.deepEqual(
      [numbersOf(again), numbersOf(synced)],
      [
        [2, 0, 0, 0],
        [2, 0, 0, 0],
      ],
    )
  })

  it('clones what the other repository owns when it becomes a version of it', async () => {
    const source = await bench.repository(aList('m', 'one'), aList('n', 'two'))
    const target = await bench.repository(aList('x', 'zero'))
    assert.deepEqual(numbersOf(await bench.takeOver(target, source, 1)), [2, 2, 0, 1])
    assert.deepEqual(await lists(target), [listOf('m', target, 'one'), listOf('n', target, 'two')])
    assert.deepEqual(numbersOf(await bench.takeOver(target, source, 1)), [2, 0, 0, 0])
  })

  it('knows a unit that repositories own by its key without the owner', async () => {
    const target = await bench.repository(aList('kept', 'one'), aList('gone', 'one'))
    const commit = await bench.change(target, async (draft) => {
      draft.keep([{ type: 'list', key: { name: 'kept' } }])
      await draft.removeMissing(['list'])
    })
    assert.deepEqual(numbersOf(commit), [2, 0, 0, 1])
  })
})
