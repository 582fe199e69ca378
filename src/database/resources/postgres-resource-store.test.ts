import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { silentLog } from '../../core/log.ts'
import type { ResourceFilter } from '../../core/resource.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { eventually } from '../../testing/eventually.ts'
import { resourceContract } from '../../testing/resource-contract.ts'
import type { OpenDatabase } from '../connection.ts'
import { ControlConnection } from '../control-connection.ts'
import { PostgresResourceStore } from './postgres-resource-store.ts'
import { ResourceNotices } from './resource-notices.ts'

onEachDatabase('resources in PostgreSQL', (fresh) => {
  let opened: OpenDatabase
  let control: ControlConnection
  let store: PostgresResourceStore
  before(async () => {
    opened = await fresh.open()
    control = new ControlConnection(opened.url, silentLog)
    const notices = new ResourceNotices()
    await control.attach(notices)
    await control.open()
    store = new PostgresResourceStore(opened.database, notices)
  })
  after(() => control.close())

  it('begin with the account of the admin and the project Default, and go on after them', async () => {
    const query = { types: ['account', 'project'], filters: [], limit: 9, offset: 0 } as const
    const seeded = await store.list(query)
    assert.deepEqual(
      seeded.map(({ key, type, name, uuid, state, owner }) => [key, type, name, uuid, state, owner]),
      [
        [1, 'account', 'admin', 'admin', 'active', null],
        [5, 'project', 'Default', 'adminProject', 'active', null],
      ],
    )
    assert.equal((await store.create({ type: 'project', owner: null, state: 'active', data: {} })).key, 6)
  })

  it('take filters that no row can fulfil for what they are', async () => {
    await store.create({ type: 'registry', owner: 5, name: 'r', identity: 'r', state: 'active', data: { a: 'b' } })
    const hopeless: readonly ResourceFilter[] = [
      { column: 'name', test: 'eq', value: 'a\0b' },
      { column: 'name', test: 'like', value: '%\0%' },
      { column: 'name', test: 'prefix', value: '\0' },
      { column: 'name', test: 'ne', value: 7 },
      { column: 'key', test: 'ne', value: 'x' },
      { column: 'key', test: 'lt', value: 1e300 },
      { column: 'key', test: 'gt', value: Number.NaN },
      { column: 'key', test: 'like', value: '1' },
      { column: 'created', test: 'lt', value: 'yesterday' },
      { column: 'created', test: 'gt', value: new Date(Number.NaN) },
      { column: 'created', test: 'gt', value: new Date(8.64e15) },
      { member: 'a', test: 'ne', value: '\0' },
      { member: '\0', test: 'notnull' },
    ]
    for (const filter of hopeless) {
      const found = await store.list({ types: ['registry'], filters: [filter], limit: 9, offset: 0 })
      assert.deepEqual(found, [], JSON.stringify(filter))
    }
    assert.equal(await store.findAnywhere('registry', 'r\0'), undefined)
    assert.equal(await store.find('registry', 5, '\0'), undefined)
  })

  it('are said to have changed unseen when the connection that tells of them was lost', async () => {
    const heard: (number | undefined)[] = []
    const stop = store.changes((key) => heard.push(key))
    control.drop()
    await eventually(() => heard.includes(undefined))
    stop()
  })

  it('are not said to have changed when they were only looked at, yet that counts as a touch', async () => {
    const heard: (number | undefined)[] = []
    const stop = store.changes((key) => heard.push(key))
    const made = await store.create({ type: 'image', owner: 5, state: 'registering', data: {} })
    await opened.database
      .updateTable('resource')
      .set({ touched: new Date(0) })
      .where('id', '=', made.key)
      .execute()
    assert.equal((await store.unsettled(60, 9)).length, 1)
    assert.deepEqual(await store.change(made.key, ['registering'], {}), made)
    assert.deepEqual(await store.unsettled(60, 9), [])
    const { key } = await store.create({ type: 'image', owner: 5, state: 'active', data: {} })
    await eventually(() => heard.includes(key))
    stop()
    // Notices of rows that tests before have made may still come.
    assert.deepEqual(
      heard.filter((one) => one !== undefined && one >= made.key),
      [made.key, key],
    )
  })

  it('are found through indexes, however many there are', async () => {
    await opened.pool.query(`INSERT INTO resource (type, owner, state, identity, removed, remove_time, data)
      SELECT CASE n % 4 WHEN 0 THEN 'image' ELSE 'host' || n % 4 END, 5 + n % 50, CASE n % 10 WHEN 0 THEN 'purged' ELSE 'active' END, 'i' || n,
      CASE n % 10 WHEN 0 THEN now() END, NULL, '{}' FROM generate_series(1, 20000) AS n`)
    await opened.pool.query('ANALYZE resource')
    const plans = {
      resource_identity: `SELECT * FROM resource WHERE identity = 'i77' AND type = 'image' AND removed IS NULL`,
      resource_list: `SELECT * FROM resource WHERE type IN ('image') AND owner IN (7) ORDER BY id LIMIT 10`,
      resource_unsettled: `SELECT * FROM resource WHERE state IN ('registering', 'activating') AND touched < now() LIMIT 9`,
      resource_to_purge: `SELECT * FROM resource WHERE state = 'removed' AND remove_time <= now() LIMIT 9`,
    }
    for (const [index, query] of Object.entries(plans)) {
      const { rows } = await opened.pool.query(`EXPLAIN (FORMAT JSON) ${query}`)
      assert.match(JSON.stringify(rows), new RegExp(`"${index}"`), query)
    }
  })

  describe('keep the contract, and', () => {
    resourceContract(async () => {
      await opened.database.deleteFrom('resource').execute()
      return store
    })
  })
})
