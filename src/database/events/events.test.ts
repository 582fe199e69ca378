import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { sql } from 'kysely'
import type { EventDelivery } from '../../core/event.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import type { Database } from '../connection.ts'
import { PostgresHistoryStore } from '../history-store.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresEventDeliveries } from './postgres-event-deliveries.ts'
import { PostgresEventListenerStore } from './postgres-event-listener-store.ts'
import { PostgresEventSink } from './postgres-event-sink.ts'

const start = (repositoryId: string) => ({ type: 'repo.sync.start', payload: { repositoryId } }) as const
const named = ({ event }: EventDelivery) => event.payload['repositoryId']

onEachDatabase('Events', (fresh) => {
  let database: Database
  let listeners: PostgresEventListenerStore
  let deliveries: PostgresEventDeliveries

  async function begin(): Promise<void> {
    database = (await fresh.open()).database
    listeners = new PostgresEventListenerStore(database)
    deliveries = new PostgresEventDeliveries(database, 60)
  }

  async function listen(...eventTypes: string[]): Promise<number> {
    return (await listeners.create({ notifierType: 'http', config: {}, eventTypes })).key
  }

  async function tell(...repositories: string[]): Promise<void> {
    const sink = new PostgresEventSink(database)
    for (const id of repositories) await sink.tell(start(id), await runningTask(database))
  }

  describe('listeners', () => {
    before(begin)

    it('are made, changed and removed', async () => {
      const made = await listeners.create({ notifierType: 'http', config: { a: 1 }, eventTypes: ['*'] })
      assert.deepEqual(await listeners.list(), [made])
      const changed = await listeners.update(made.key, { config: { b: 2 }, eventTypes: ['repo.sync.start'] })
      assert.deepEqual([changed.config, changed.eventTypes], [{ b: 2 }, ['repo.sync.start']])
      assert.deepEqual(await listeners.update(made.key, {}), changed)
      await listeners.remove(made.key)
      assert.equal(await listeners.find(made.key), undefined)
      assert.equal(await listeners.find(2 ** 47), undefined)
      await assert.rejects(listeners.remove(made.key), { kind: 'not-found' })
      await assert.rejects(listeners.update(made.key, { config: {} }), { kind: 'not-found' })
    })
  })

  describe('deliveries', () => {
    before(begin)

    it('are for those who listen to the type or to everything, and go with them', async () => {
      const [all, syncs] = [await listen('*'), await listen('repo.sync.start', 'repo.publish.start')]
      await listen('repo.sync.finish')
      await tell('zoo')
      const claimed = await deliveries.claim(9)
      assert.deepEqual(
        claimed.map(({ listener }) => listener.key).toSorted((left, right) => left - right),
        [all, syncs],
      )
      assert.deepEqual([claimed[0]?.event, claimed[0]?.attempt], [start('zoo'), 1])
      assert.match(String(claimed[0]?.taskId), /^[0-9a-f-]{36}$/)
      for (const { key } of await listeners.list()) await listeners.remove(key)
      assert.equal(await deliveries.nextDue(), undefined)
    })

    it('are claimed one at a time, in order, and again when they are not settled', async () => {
      await listen('*')
      await tell('first', 'second')
      const [one, ...more] = await deliveries.claim(9)
      assert.deepEqual([one && named(one), more.length, await deliveries.claim(9)], ['first', 0, []])
      assert.ok(one)
      await deliveries.retry(one, 0)
      const [again] = await deliveries.claim(9)
      assert.deepEqual([again && named(again), again?.attempt], ['first', 2])
      await deliveries.done(one)
      assert.deepEqual(await deliveries.claim(9), [], 'a lost claim settles nothing')
      assert.ok(again)
      await deliveries.done(again)
      const [second] = await deliveries.claim(9)
      assert.ok(second)
      assert.equal(named(second), 'second')
      await deliveries.retry(second, 1000)
      assert.ok(Number(await deliveries.nextDue()) > 900)
      await deliveries.done(second)
    })

    it('are claimed by one process only', async () => {
      for (let count = 0; count < 8; count += 1) await listen('*')
      await tell('zoo')
      const claims = await Promise.all([1, 2, 3, 4].map(() => deliveries.claim(4)))
      const keys = claims.flat().map(({ key }) => key)
      assert.equal(new Set(keys).size, keys.length)
      const rest = await deliveries.claim(99)
      assert.equal(new Set([...keys, ...rest.map(({ key }) => key)]).size, keys.length + rest.length)
      assert.ok(keys.length + rest.length >= 8)
    })

    it('are dropped when too many wait for one listener, the oldest first', async () => {
      for (const { key } of await listeners.list()) await listeners.remove(key)
      const key = await listen('*')
      await tell('a', 'b', 'c')
      assert.deepEqual([...(await deliveries.dropExcess(2))], [[key, 1]])
      assert.deepEqual((await deliveries.claim(9)).map(named), ['b'])
      assert.deepEqual([...(await deliveries.dropExcess(2))], [])
    })
  })

  describe('ends of runs', () => {
    before(begin)

    it('are told with their entry, unless the plugin raised, and only if the entry is written', async () => {
      await listen('*')
      const repository = { id: 'zoo', displayName: null, description: null, notes: {} }
      await new PostgresRepositoryStore(database).create(repository, { type: 't', config: {} }, [])
      const histories = new PostgresHistoryStore(database)
      const counts = { added: 1, updated: 0, removed: 0, summary: {}, details: {}, error: null }
      const run = { repositoryId: 'zoo', importerType: 't', started: new Date(0), completed: new Date(1000), ...counts }
      await histories.addSync({ ...run, result: 'error' }, await runningTask(database))
      assert.deepEqual(await deliveries.claim(9), [])
      const entry = await histories.addSync({ ...run, result: 'success' }, await runningTask(database))
      const [told] = await deliveries.claim(9)
      assert.deepEqual(
        [told?.event.type, told?.event.payload],
        ['repo.sync.finish', { history: JSON.parse(JSON.stringify(entry)) }],
      )
      const lost = { ...(await runningTask(database)), attempt: 99 }
      await assert.rejects(histories.addSync({ ...run, result: 'success' }, lost), { kind: 'cancelled' })
      await assert.rejects(new PostgresEventSink(database).tell(start('zoo'), lost), { kind: 'cancelled' })
      const { rows } = await sql<{ count: number }>`SELECT count(*) FROM event_delivery`.execute(database)
      assert.equal(rows[0]?.count, 1)
    })
  })
})
