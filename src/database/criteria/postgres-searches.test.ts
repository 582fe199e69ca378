import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sql } from 'kysely'
import { everything, type Filter, type SearchVocabulary, type Test } from '../../core/criteria.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { objectId } from '../../http/pulp/object-id.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresTaskStore } from '../tasks/postgres-task-store.ts'
import { PostgresUserStore } from '../users/postgres-user-store.ts'
import { PostgresSearches } from './postgres-searches.ts'
import { runSearch } from './run-search.ts'

const vocabulary: SearchVocabulary = {
  kindTags: { repository: '0001', repositoryGroup: '0014', distributor: '0003', task: '0004', user: '0011' },
  tagPrefix: 'pulp:',
  taskTypes: { 'sync-repository': 'pulp.sync' },
  secrets: ['auth_key'],
}

const all = { filter: everything, sort: [], skip: 0 }

function where(field: string, value: Json): Filter {
  return whereTest(field, { op: 'equals', value })
}

function whereTest(field: string, test: Test): Filter {
  return { kind: 'field', path: field.split('.'), test }
}

async function openSearches({ database }: OpenDatabase) {
  const repositories = new PostgresRepositoryStore(database)
  const tasks = new PostgresTaskStore(database)
  const distributor = { id: 'web', type: 'stub', config: { relative_url: 'x', auth_key: 'pw' }, autoPublish: true }
  for (const id of ['b', 'a', 'c']) {
    const repository = { id, displayName: id === 'c' ? null : id.toUpperCase(), description: null, notes: { of: id } }
    await repositories.create(repository, undefined, id === 'a' ? [distributor] : [])
  }
  const task = { operation: 'sync-repository', arguments: {}, tags: ['repository:a', 'action:sync'], resources: [] }
  const queued = await tasks.enqueue([task, { ...task, operation: 'other', tags: ['repository:b'] }])
  return { repositories, tasks, queued, searches: new PostgresSearches(database, vocabulary) }
}

onEachDatabase('Searches', (fresh) => {
  it('find repositories by every field that they have', async () => {
    const { searches, repositories } = await openSearches(await fresh.open())
    await repositories.update('a', { scratchpad: { deep: [1] }, description: 'the first' })
    const repository = await repositories.get('a')
    const find = async (filter: Filter) => (await searches.repositories({ ...all, filter })).map(({ id }) => id)
    assert.deepEqual(await find(where('id', 'a')), ['a'])
    assert.deepEqual(await find(where('repo_id', 'a')), ['a'])
    const id = objectId('repository', repository.created, repository.key)
    assert.deepEqual(await find(where('_id', id)), ['a'])
    assert.deepEqual(await find(where('_id', id.replace('0001', '0002'))), [])
    assert.deepEqual(await find(whereTest('_id', { op: 'one-of', values: [id, 'x', null] })), ['a'])
    assert.deepEqual(await find(where('display_name', null)), ['c'])
    assert.deepEqual(await find(where('description', 'the first')), ['a'])
    assert.deepEqual(await find(where('notes.of', 'b')), ['b'])
    assert.deepEqual(await find(where('scratchpad.deep', 1)), ['a'])
    assert.deepEqual(await find(where('content_unit_counts', {})), ['b', 'a', 'c'])
    assert.deepEqual(await find(whereTest('last_unit_added', { op: 'exists' })), ['b', 'a', 'c'])
    assert.deepEqual(await find(whereTest('last_unit_removed', { op: 'type', type: 'date' })), [])
  })

  it('find users by every field that they have, and by no other', async () => {
    const { database } = await fresh.open()
    const [users, searches] = [new PostgresUserStore(database), new PostgresSearches(database, vocabulary)]
    for (const login of ['ann', 'bob', 'cid']) {
      const roles = login === 'bob' ? ['super-users'] : []
      await users.add({ login, name: login.toUpperCase(), passwordHash: 'hash', roles })
    }
    const find = async (filter: Filter) => (await searches.users({ ...all, filter })).map(({ login }) => login)
    const bob = await users.find('bob')
    const id = bob === undefined ? '' : objectId('user', bob.created, bob.key)
    for (const field of ['_id', 'id']) assert.deepEqual(await find(where(field, id)), ['bob'])
    assert.deepEqual(await find(where('login', 'ann')), ['ann'])
    assert.deepEqual(await find(where('name', 'CID')), ['cid'])
    assert.deepEqual(await find(where('roles', 'super-users')), ['bob'])
    assert.deepEqual(await find(where('roles', [])), ['ann', 'cid'])
    for (const field of ['password', 'password_hash', 'passwordHash'])
      assert.deepEqual(await find(where(field, 'hash')), [])
    const some = { ...all, sort: [{ field: 'login', direction: 'descending' }], skip: 1, limit: 1 } as const
    assert.deepEqual(
      (await searches.users(some)).map(({ login }) => login),
      ['bob'],
    )
  })

  it('compare the dates of repositories as they are printed', async () => {
    const opened = await fresh.open()
    const { searches } = await openSearches(opened)
    await sql`UPDATE repository SET last_unit_added = '2016-04-29T16:28:08.7Z' WHERE name = 'a'`.execute(
      opened.database,
    )
    const after = (date: string): Filter =>
      whereTest('last_unit_added', { op: 'compare', relation: '>', value: { $date: date } })
    const find = async (filter: Filter) => (await searches.repositories({ ...all, filter })).map(({ id }) => id)
    assert.deepEqual(await find(after('2016-04-29T16:28:07.000Z')), ['a'])
    assert.deepEqual(await find(after('2016-04-29T16:28:08.000Z')), [])
  })

  it('sort, with nulls first, then by age; skip and limit', async () => {
    const { searches } = await openSearches(await fresh.open())
    const sorted = async (field: string, direction: 'ascending' | 'descending', more = {}) =>
      (await searches.repositories({ ...all, sort: [{ field, direction }], ...more })).map(({ id }) => id)
    assert.deepEqual(await sorted('display_name', 'ascending'), ['c', 'a', 'b'])
    assert.deepEqual(await sorted('display_name', 'descending'), ['b', 'a', 'c'])
    assert.deepEqual(await sorted('scratchpad', 'descending'), ['b', 'a', 'c'])
    assert.deepEqual(await sorted('id', 'ascending', { skip: 1, limit: 1 }), ['b'])
    const fields = ['_id', 'repo_id', 'description', 'notes', 'content_unit_counts', 'last_unit_added', 'nothing']
    for (const field of [...fields, 'last_unit_removed'])
      assert.equal((await sorted(field, 'descending')).length, 3, field)
  })

  it('find distributors of all repositories, blind to secrets', async () => {
    const { searches, repositories } = await openSearches(await fresh.open())
    const web = await repositories.distributor('a', 'web')
    const find = async (filter: Filter) => (await searches.distributors({ ...all, filter })).length
    assert.deepEqual(await searches.distributors(all), [web])
    const fields: Record<string, Json> = {
      _id: objectId('distributor', web.created, web.key),
      id: 'web',
      distributor_id: 'web',
      repo_id: 'a',
      distributor_type_id: 'stub',
      'config.relative_url': 'x',
      auto_publish: true,
      last_publish: null,
      scratchpad: {},
    }
    for (const [field, value] of Object.entries(fields)) assert.equal(await find(where(field, value)), 1, field)
    assert.equal(await find(whereTest('last_updated', { op: 'type', type: 'date' })), 1)
    assert.equal(await find(whereTest('config.auth_key', { op: 'exists' })), 0)
    for (const field of Object.keys(fields)) {
      const sort = [{ field, direction: 'descending' as const }]
      assert.equal((await searches.distributors({ ...all, sort })).length, 1, field)
    }
  })

  it('find tasks by every field that is printed of them', async () => {
    const opened = await fresh.open()
    const { searches, queued } = await openSearches(opened)
    const [sync, other] = queued
    assert.ok(sync && other)
    const error = JSON.stringify({ kind: 'upstream', message: 'gone', details: {}, trace: 'at x' })
    await sql`UPDATE task SET state = 'error', started = '2016-04-29T16:28:08Z', finished = '2016-04-29T16:28:09Z',
      worker = 'w', error = ${error}::jsonb WHERE task_id = ${sync.id}`.execute(opened.database)
    await sql`INSERT INTO task_progress VALUES (${sync.key}, '{"iso": {"state": "x"}}')`.execute(opened.database)
    await sql`UPDATE task SET parent = ${sync.key} WHERE task_id = ${other.id}`.execute(opened.database)
    const group = '0b0d7a52-8a36-4a4e-9a49-1a0b9f3f5a11'
    await sql`UPDATE task SET group_id = ${group} WHERE task_id = ${sync.id}`.execute(opened.database)
    const find = async (filter: Filter) =>
      (await Array.fromAsync(searches.tasks({ ...all, filter }))).map(({ operation }) => operation)
    const id = objectId('task', sync.created, sync.key)
    const fields: Record<string, Json> = {
      _id: id,
      id,
      task_id: sync.id,
      task_type: 'pulp.sync',
      state: 'error',
      tags: 'pulp:action:sync',
      start_time: '2016-04-29T16:28:08Z',
      finish_time: '2016-04-29T16:28:09Z',
      worker_name: 'w',
      queue: 'w.dq',
      group_id: group,
      'progress_report.iso.state': 'x',
      spawned_tasks: other.id,
      'error.description': 'gone',
      traceback: 'at x',
    }
    for (const [field, value] of Object.entries(fields)) {
      assert.deepEqual(await find(where(field, value)), ['sync-repository'], field)
      assert.deepEqual(await find(whereTest(field, { op: 'one-of', values: [value, 'x'] })), ['sync-repository'], field)
      const sort = [{ field, direction: 'ascending' as const }]
      assert.equal((await Array.fromAsync(searches.tasks({ ...all, sort }))).length, 2, field)
    }
    assert.deepEqual(await find(where('task_type', 'other')), ['other'])
    assert.deepEqual(await find(where('tags', ['pulp:repository:a', 'pulp:action:sync'])), ['sync-repository'])
    assert.deepEqual(await find(where('tags', 'repository:a')), [])
    assert.deepEqual(await find(where('task_id', 'no uuid')), [])
    assert.deepEqual(await find(where('group_id', 'no uuid')), [])
    assert.deepEqual(await find(where('group_id', null)), ['other'])
    assert.deepEqual(await find(where('queue', '')), ['other'])
    assert.deepEqual(await find(where('exception', null)), ['sync-repository', 'other'])
    const regex: Filter = whereTest('tags', { op: 'matches', pattern: '^pulp:repository:[ab]$', options: '' })
    assert.deepEqual(await find(regex), ['sync-repository', 'other'])
    assert.deepEqual(
      (await Array.fromAsync(searches.tasks(all))).map((task) => task.id),
      [sync.id, other.id],
    )
  })

  it('call what the database cannot do bad criteria', async () => {
    const { database } = await fresh.open()
    const searches = new PostgresSearches(database, vocabulary)
    const filter = whereTest('id', { op: 'matches', pattern: 'a**', options: '' })
    for (const nested of [
      filter,
      { kind: 'not' as const, filter },
      whereTest('notes', { op: 'element', of: 'objects', filter }),
    ]) {
      await assert.rejects(
        () => searches.repositories({ ...all, filter: { kind: 'any', filters: [nested] } }),
        (error: unknown) =>
          error instanceof DeckleError && error.kind === 'invalid' && error.details.code === 'bad-criteria',
      )
    }
  })

  it('give up when they take too long', async () => {
    const { database } = await fresh.open()
    await assert.rejects(
      () => runSearch(database, all, (transaction) => sql`SELECT pg_sleep(600)`.execute(transaction), 20),
      (error: unknown) => error instanceof DeckleError && error.details.code === 'bad-criteria',
    )
    assert.ok(await runSearch(database, all, (transaction) => sql`SELECT 1`.execute(transaction), 60_000))
  })
})
