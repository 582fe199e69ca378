import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import fc from 'fast-check'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { noteType } from '../../testing/note-type.ts'
import { publish } from '../../testing/publications.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { registerContentTypes } from '../units/content-type-ids.ts'
import { PostgresVersionHistory } from './postgres-version-history.ts'
import { PostgresVersionStore } from './version-store.ts'

/** Name → text of the notes of a version. */
type Notes = Readonly<Record<string, string>>

onEachDatabase('the past of a repository', (fresh) => {
  let opened: OpenDatabase
  let versions: PostgresVersionStore
  let history: PostgresVersionHistory

  before(async () => {
    opened = await fresh.open()
    const types = await registerContentTypes(opened.database, [noteType])
    versions = new PostgresVersionStore(opened.database, opened.pool, types)
    history = new PostgresVersionHistory(opened.database, types)
  })

  let count = 0
  /** A repository with a version for each of these contents. */
  async function aRepository(...contents: readonly Notes[]): Promise<string> {
    count += 1
    const id = `repository-${count}`
    const repositories = new PostgresRepositoryStore(opened.database)
    const distributor = { id: 'web', type: 'test_distributor', config: {}, autoPublish: false }
    await repositories.create({ id, displayName: null, description: null, notes: {} }, undefined, [distributor])
    for (const notes of contents) {
      const draft = await versions.open(id, await runningTask(opened.database))
      const units = Object.entries(notes).map(([name, body]) => aNote(name, body))
      await draft.add(units.map((unit) => ({ unit, fetched: new Map() })))
      await draft.removeMissing(['note'])
      await draft.commit()
    }
    return id
  }

  async function changes(id: string, from: number, to: number): Promise<readonly string[]> {
    const all = await Array.fromAsync(history.changes(id, from, to))
    return all.map(({ kind, metadata }) => `${kind} ${metadata['name']}${metadata['body']}`).sort()
  }

  it('lists versions, newest first, with their publications', async () => {
    const id = await aRepository({ a: '1' }, { a: '1', b: '1' })
    const row = await opened.database
      .selectFrom('repository')
      .innerJoin('distributor', 'distributor.repository', 'repository.id')
      .select(['repository.id as repository', 'distributor.id as distributor'])
      .where('repository.name', '=', id)
      .executeTakeFirstOrThrow()
    for (const version of [1, 2]) await publish(opened.database, row, { basePath: `/r/${id}`, version })
    const list = await history.list(id)
    assert.deepEqual(
      list.map(({ number, latest, counts }) => [number, latest, counts]),
      [
        [2, true, { note: 2 }],
        [1, false, { note: 1 }],
      ],
    )
    const [live, former] = list.map(({ publications }) => publications)
    assert.deepEqual(
      [live, former].map((shown) => shown?.map((one) => [one.distributorId, one.basePath, one.supersededAt === null])),
      [[['web', `/r/${id}`, true]], [['web', `/r/${id}`, false]]],
    )
    assert.deepEqual(await history.get(id, 1), list[1])
    assert.deepEqual([(await history.get(id, 0)).counts, (await history.get(id, 0)).latest], [{}, false])
  })

  it('does not show a version that is being made', async () => {
    const id = await aRepository({ a: '1' })
    const draft = await versions.open(id, await runningTask(opened.database))
    await draft.add([{ unit: aNote('b', '1'), fetched: new Map() }])
    assert.equal((await history.list(id)).length, 1)
    assert.deepEqual(await changes(id, 0, 1), ['added a1'])
  })

  it('tells what is different between two versions, in both directions', async () => {
    const id = await aRepository({ a: '1', b: '1' }, { a: '2', c: '1' }, { a: '1', c: '1' })
    assert.deepEqual(await changes(id, 1, 2), ['added c1', 'changed a2', 'removed b1'])
    assert.deepEqual(await changes(id, 2, 1), ['added b1', 'changed a1', 'removed c1'])
    assert.deepEqual(await changes(id, 1, 3), ['added c1', 'removed b1'])
    assert.deepEqual(await changes(id, 0, 2), ['added a2', 'added c1'])
    assert.deepEqual(await changes(id, 2, 2), [])
  })

  it('tells of more changes than are read at a time, each once', async () => {
    const many = Object.fromEntries(Array.from({ length: 4_500 }, (_, index) => [`n${index}`, '']))
    const id = await aRepository(many)
    const found = await changes(id, 0, 1)
    assert.deepEqual([found.length, new Set(found).size], [4_500, 4_500])
  })

  it('does not compare what is not whole, nor what is not there', async () => {
    const id = await aRepository({ a: '1' }, { b: '1' })
    await opened.pool.query(
      'UPDATE repository_version SET pruned = true WHERE number = 1 AND repository = (SELECT id FROM repository WHERE name = $1)',
      [id],
    )
    await assert.rejects(changes(id, 1, 2), { kind: 'conflict' })
    assert.equal((await history.get(id, 1)).pruned, true)
    await assert.rejects(changes(id, 2, 3), { kind: 'not-found' })
    await assert.rejects(changes('missing', 1, 2), { kind: 'not-found' })
    await assert.rejects(history.list('missing'), { kind: 'not-found' })
  })

  it('tells of any two versions what a comparison of their contents tells', async () => {
    const notes = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'))
    const property = fc.asyncProperty(fc.array(notes, { minLength: 1, maxLength: 5 }), async (contents) => {
      const distinct = contents.filter((one, index) => !same(one, contents[index - 1] ?? {}))
      const id = await aRepository(...distinct)
      const all: readonly Notes[] = [{}, ...distinct]
      for (const [from, before] of all.entries()) {
        for (const [to, after] of all.entries()) assert.deepEqual(await changes(id, from, to), compared(before, after))
      }
    })
    await fc.assert(property, { numRuns: 15 })
  })
})

function aNote(name: string, body: string): DiscoveredUnit {
  return { type: 'note', key: { name }, metadata: { name, body }, files: [] }
}

function compared(before: Notes, after: Notes): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => tell(name, before[name], after[name])).sort()
}

function tell(name: string, before: string | undefined, after: string | undefined): readonly string[] {
  if (before === after) return []
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return [`${kind} ${name}${after ?? before}`]
}

function same(one: Notes, other: Notes): boolean {
  return compared(one, other).length === 0
}
