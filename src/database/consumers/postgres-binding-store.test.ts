import assert from 'node:assert/strict'
import { before, beforeEach, it } from 'node:test'
import { sql } from 'kysely'
import type { BindingName, NewBinding } from '../../core/consumer.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import type { NewTask } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import type { Database } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresServerAddresses } from '../server-addresses.ts'
import { PostgresBindingStore } from './postgres-binding-store.ts'
import { PostgresConsumerStore } from './postgres-consumer-store.ts'

const rounds = process.env['DECKLE_TEST_LONG'] === '1' ? 200 : 15
const web = { repositoryId: 'zoo', distributorId: 'web' }
const binding: NewBinding = { ...web, notifyAgent: true, config: {} }

/** What an agent is told: the config of the distributor, as it was seen. */
const bindTask = ({ consumerId }: BindingName, { config }: RepositoryDistributor): NewTask => ({
  operation: 'consumer-bind',
  arguments: { config },
  tags: [],
  resources: [],
  agent: consumerId,
})

onEachDatabase('the store of bindings', (fresh) => {
  let database: Database
  let bindings: PostgresBindingStore
  let consumers: PostgresConsumerStore
  let repositories: PostgresRepositoryStore

  before(async () => {
    database = (await fresh.open()).database
    bindings = new PostgresBindingStore(database)
    consumers = new PostgresConsumerStore(database)
    repositories = new PostgresRepositoryStore(database)
  })

  beforeEach(async () => {
    await sql`TRUNCATE consumer, repository, task CASCADE`.execute(database)
    const distributor = { id: 'web', type: 'stub_distributor', config: { url: 'old' }, autoPublish: false }
    const repository = { id: 'zoo', displayName: null, description: null, notes: {} }
    await repositories.create(repository, undefined, [distributor])
  })

  async function register(id: string): Promise<void> {
    await consumers.create({ id, displayName: id, description: null, notes: {}, publicKey: null }, 'me')
  }

  it('never leaves a binding to a distributor that goes at the same time', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = `host-${round}`
      await register(id)
      const fence = await runningTask(database)
      const removal = repositories.removeDistributor('zoo', 'web', fence).then(() => bindings.end('zoo', 'web', fence))
      const bound = bindings.bind([id], binding, 'me', bindTask)
      const [ended, made] = await Promise.allSettled([removal, bound])
      assert.equal(ended.status, 'fulfilled')
      const told = await bindings.told('zoo', 'web')
      assert.deepEqual(told, [], `${id} is bound to nothing`)
      if (made.status === 'fulfilled' && ended.status === 'fulfilled') assert.equal(ended.value.length, 1)
      const distributor = { id: 'web', type: 'stub_distributor', config: {}, autoPublish: false }
      await repositories.setDistributor('zoo', distributor)
      await consumers.delete(id, 'me')
    }
  })

  it('tells each agent the config that comes last, whoever is faster', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = `host-${round}`
      await register(id)
      const fence = await runningTask(database)
      const url = `new-${round}`
      const update = repositories
        .updateDistributor('zoo', 'web', { config: { url } }, fence)
        .then(() => bindings.told('zoo', 'web'))
      const [bound, told] = await Promise.all([bindings.bind([id], binding, 'me', bindTask), update])
      const config = bound[0]?.tasks[0]?.arguments['config']
      const isTold = told.some(({ consumerId }) => consumerId === id)
      assert.ok(isTold || JSON.stringify(config) === JSON.stringify({ url }), `${id} was told an old config only`)
    }
  })

  it('passes over consumers that go at the same time', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = `host-${round}`
      await register(id)
      const made = bindings.bind([id], binding, 'me', bindTask)
      const [bound] = await Promise.all([made, consumers.delete(id, 'me')])
      assert.ok(bound.length <= 1)
      const open = await database
        .selectFrom('task')
        .select('id')
        .where('agent', '=', id)
        .where('finished', 'is', null)
        .execute()
      assert.deepEqual(open, [], 'its agent has nothing to do')
    }
    assert.deepEqual(await database.selectFrom('binding').select('id').execute(), [])
  })

  it('binds thousands of consumers in one go', async () => {
    await sql`INSERT INTO consumer (name, notes) SELECT 'host-' || n, '{}' FROM generate_series(1, 2500) AS n`.execute(
      database,
    )
    const ids = Array.from({ length: 2500 }, (_, index) => `host-${index + 1}`)
    const changes = await bindings.bind(ids, binding, 'me', bindTask)
    assert.deepEqual(changes.map((change) => change.binding.consumerId).toSorted(), ids.toSorted())
    for (const { binding: made, tasks } of changes) assert.equal(tasks[0]?.agent, made.consumerId)
    const fence = await runningTask(database)
    assert.equal((await bindings.end('zoo', undefined, fence)).length, 2500)
  })

  it('keeps where the server is found', async () => {
    const addresses = new PostgresServerAddresses(database)
    assert.deepEqual(await addresses.read(), { hosts: {}, caCertificate: null })
    await addresses.tell({ hosts: { http: 'a' }, caCertificate: null })
    const last = { hosts: { http: 'a', https: 'b:1' }, caCertificate: 'PEM' }
    await addresses.tell(last)
    assert.deepEqual(await addresses.read(), last)
  })
})
