import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sql } from 'kysely'
import { everything, type SearchVocabulary } from '../../core/criteria.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { fromPulpFilters } from '../../http/pulp/filters.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresSearches } from './postgres-searches.ts'
import { runSearch } from './run-search.ts'

const patterns = [
  '(a+)+$',
  '(a|aa)+$',
  '(a|a?)+b',
  '(.*a){20}x',
  '(x+x+)+y',
  '(?:a?){100}a{100}b',
  '((((a*)*)*)*)*b',
  '^(?=(a+))(?=(a+a+))(?=(.*)+)b',
  Array.from({ length: 300 }, (_, index) => `${index % 100}`).join('|'),
  `(${'a|'.repeat(400)}b)+c`,
  '$'.repeat(900),
  `${'(?='.repeat(150)}b${')'.repeat(150)}`,
  `${'('.repeat(400)}b${')'.repeat(400)}`,
  '[a-z]{200}'.repeat(20),
  '.*'.repeat(400),
  '(a{1,60}){1,60}b',
  `${'[[:alpha:]]?'.repeat(70)}b`,
  '(?<=a)'.repeat(120),
  '.{0,255}b'.repeat(15),
]

const vocabulary: SearchVocabulary = {
  kindTags: { repository: '0001', repositoryGroup: '0014', distributor: '0003', task: '0004', user: '0011' },
  tagPrefix: 'pulp:',
  taskTypes: {},
  secrets: [],
}

function filtersOf(pattern: string): JsonObject[] {
  const one = { description: { $regex: pattern } }
  return [one, { description: { $not: pattern } }, { $or: Array.from({ length: 50 }, () => one) }]
}

/** As deep and as long as filters may be. */
function largeFilters(): JsonObject[] {
  let nested: JsonObject = { $elemMatch: { $gt: 1 } }
  for (let level = 0; level < 15; level += 1) nested = { $elemMatch: { '0': nested } }
  const path = `notes${'.0'.repeat(19)}`
  return [
    { notes: nested },
    { $or: Array.from({ length: 45 }, () => ({ [path]: null })) },
    { $nor: Array.from({ length: 45 }, () => ({ [path]: { $in: [1, null] } })) },
    { $and: Array.from({ length: 450 }, (_, index) => ({ notes: { $ne: index } })) },
  ]
}

const all = { filter: everything, sort: [], skip: 0 }

onOneDatabase('A hostile search', (fresh) => {
  it('ends, with what it found or as bad criteria', { timeout: 300_000 }, async () => {
    const { database } = await fresh.open()
    const repositories = new PostgresRepositoryStore(database)
    let deep: Json = [1, 2]
    for (let level = 0; level < 30; level += 1) deep = [deep, { '0': 1 }, [deep].slice(level)]
    const description = 'a'.repeat(50_000)
    await repositories.create({ id: 'r', displayName: null, description, notes: { '0': deep } }, undefined, [])
    const searches = new PostgresSearches(database, vocabulary)
    for (const filters of [...patterns.flatMap(filtersOf), ...largeFilters()]) {
      const outcome = await searches.repositories({ ...all, filter: fromPulpFilters(filters) }).then(
        (found) => found.length,
        (error: unknown) => error,
      )
      const isBadCriteria = outcome instanceof DeckleError && outcome.details.code === 'bad-criteria'
      assert.ok(typeof outcome === 'number' || isBadCriteria, `${JSON.stringify(filters)}: ${outcome}`)
    }
  })

  it('does not keep others waiting for the database, however many there are', async () => {
    const { database, pool } = await fresh.open()
    const repositories = new PostgresRepositoryStore(database)
    await repositories.create({ id: 'r', displayName: null, description: null, notes: {} }, undefined, [])
    const holder = await pool.connect()
    await holder.query('SELECT pg_advisory_lock(7)')
    const slow = Array.from({ length: 50 }, () =>
      runSearch(database, all, (transaction) => sql`SELECT pg_advisory_xact_lock(7)`.execute(transaction), 600_000),
    )
    assert.equal((await repositories.get('r')).id, 'r')
    await holder.query('SELECT pg_advisory_unlock(7)')
    holder.release()
    await Promise.all(slow)
  })
})
