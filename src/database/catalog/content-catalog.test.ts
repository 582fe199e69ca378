import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { sha256Hex } from '../../core/digest.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import type { Database } from '../connection.ts'
import { PostgresContentCatalog } from './postgres-content-catalog.ts'

const digestOf = (text: string) => ({ algorithm: 'sha256', value: sha256Hex(text) }) as const
const entry = (text: string, place = 'http://near/') => ({
  digest: digestOf(text),
  size: text.length,
  url: place + text,
})
const used = (...ids: string[]) => ids.map((id) => ({ id, expiresSeconds: 60 }))

onEachDatabase('The catalog of content sources', (fresh) => {
  let database: Database
  let catalog: PostgresContentCatalog
  before(async () => {
    database = (await fresh.open()).database
    catalog = new PostgresContentCatalog(database)
  })

  async function fill(source: string, ...texts: string[]): Promise<number> {
    const draft = await catalog.begin(source, await runningTask(database))
    await draft.add(texts.map((text) => entry(text, `http://${source}/`)))
    return draft.finish()
  }

  async function urls(text: string, ...sources: string[]): Promise<readonly string[]> {
    return (await catalog.find([digestOf(text), digestOf('nothing')], used(...sources)))
      .map(({ url }) => url)
      .toSorted()
  }

  it('finds what sources have, by digest', async () => {
    assert.deepEqual([await fill('near', 'a', 'b'), await fill('far', 'a')], [2, 1])
    assert.deepEqual(await urls('a', 'near', 'far'), ['http://far/a', 'http://near/a'])
    assert.deepEqual(await urls('a', 'near'), ['http://near/a'])
    const found = await catalog.find([digestOf('b')], used('near'))
    assert.deepEqual(found, [{ ...entry('b'), sourceId: 'near' }])
    assert.deepEqual(await catalog.find([], used('near')), [])
    assert.deepEqual(await catalog.find([{ algorithm: 'md5', value: digestOf('b').value }], used('near')), [])
  })

  it('shows a catalog when it is whole, and then no entry of the one before', async () => {
    await fill('whole', 'old')
    const draft = await catalog.begin('whole', await runningTask(database))
    await draft.add([entry('new', 'http://whole/')])
    assert.deepEqual([await urls('new', 'whole'), await urls('old', 'whole')], [[], ['http://whole/old']])
    await draft.finish()
    assert.deepEqual([await urls('new', 'whole'), await urls('old', 'whole')], [['http://whole/new'], []])
  })

  it('keeps the later of two that were read side by side, and nothing of a dead one', async () => {
    const dead = await catalog.begin('twice', await runningTask(database))
    await dead.add([entry('dead')])
    const [first, second] = [
      await catalog.begin('twice', await runningTask(database)),
      await catalog.begin('twice', await runningTask(database)),
    ]
    await first.add([entry('first', 'http://twice/')])
    await second.add([entry('second', 'http://twice/')])
    assert.equal(await second.finish(), 1)
    assert.equal(await first.finish(), 0)
    assert.deepEqual([await urls('first', 'twice'), await urls('second', 'twice')], [[], ['http://twice/second']])
    const { rows } = await sql`SELECT FROM content_catalog WHERE source = 'twice'`.execute(database)
    assert.equal(rows.length, 1)
  })

  it('does not look into what has expired', async () => {
    await fill('stale', 'a')
    await sql`UPDATE content_source SET refreshed = now() - interval '61 seconds' WHERE name = 'stale'`.execute(
      database,
    )
    assert.deepEqual(await urls('a', 'stale'), [])
  })

  it('forgets the catalog of a source', async () => {
    await fill('gone', 'a', 'b')
    assert.deepEqual([await catalog.clear('gone'), await catalog.clear('gone'), await catalog.clear('no')], [2, 0, 0])
    assert.deepEqual(await urls('a', 'gone'), [])
  })

  it('gives the turn to read a source to one, when it is due', async () => {
    const turns = await Promise.all([1, 2, 3, 4].map(() => catalog.takeTurn('due', 60, 600)))
    assert.equal(turns.filter(Boolean).length, 1)
    assert.equal(await catalog.takeTurn('due', 60, 0), true, 'it was not read, and the pause is over')
    await fill('due', 'a')
    assert.equal(await catalog.takeTurn('due', 60, 0), false, 'it is fresh')
    assert.equal(await catalog.takeTurn('due', 0, 0), true, 'it is too old')
  })

  it('takes nothing from a task that is over', async () => {
    const lost = { ...(await runningTask(database)), attempt: 99 }
    await assert.rejects(catalog.begin('x', lost), { kind: 'cancelled' })
  })
})
