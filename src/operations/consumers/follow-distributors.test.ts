import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { NewTask } from '../../core/task.ts'
import { PostgresBindingStore } from '../../database/consumers/postgres-binding-store.ts'
import { PostgresConsumerEvents } from '../../database/consumers/postgres-consumer-events.ts'
import { PostgresConsumerStore } from '../../database/consumers/postgres-consumer-store.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openWorkBench, type WorkBench } from '../../testing/work-bench.ts'
import { addDistributor, updateDistributorTask } from '../manage-distributors.ts'
import { createRepository } from '../manage-repositories.ts'
import { bindConsumers } from './bind-consumers.ts'

onEachDatabase('Bindings of what changes', (fresh) => {
  let bench: WorkBench
  let bindings: PostgresBindingStore
  let events: PostgresConsumerEvents
  let count = 0
  before(async () => {
    const opened = await fresh.open()
    bench = await openWorkBench(opened, await temporaryFolder())
    bindings = new PostgresBindingStore(opened.database)
    events = new PostgresConsumerEvents(opened.database)
    const consumers = new PostgresConsumerStore(opened.database)
    for (const id of ['told', 'untold']) {
      await consumers.create({ id, displayName: id, description: null, notes: {}, publicKey: null }, 'me')
    }
  })

  const web = { id: 'web', type: 'iso_distributor', config: { relative_url: 'first' }, autoPublish: false }

  /** A repository with two distributors, to both of which both consumers are bound. */
  async function bound(): Promise<string> {
    count += 1
    const id = `bound-${count}`
    const distributors = ['web', 'more'].map((name) => ({
      ...web,
      id: name,
      config: { relative_url: `${id}/${name}` },
    }))
    await createRepository(bench.services, { id, description: null, notes: {}, distributors })
    for (const { id: distributorId } of distributors) await bind(id, distributorId)
    return id
  }

  async function bind(repositoryId: string, distributorId: string): Promise<void> {
    for (const consumer of ['told', 'untold']) {
      const wanted = { repositoryId, distributorId, notifyAgent: consumer === 'told', config: {}, options: {} }
      await bindConsumers({ ...bench.services, bindings }, [consumer], wanted, 'me')
    }
  }

  const named = (repositoryId: string, operation: string, distributor?: string) => ({
    operation,
    arguments: { repository: repositoryId, ...(distributor !== undefined && { distributor }) },
    tags: [],
    resources: [],
  })

  /** What bindings there are: consumer, distributor, whether it is on its way out. */
  async function left(repositoryId: string) {
    const all = []
    for (const consumerId of ['told', 'untold']) {
      for (const distributorId of ['web', 'more']) {
        const binding = await bindings.get({ consumerId, repositoryId, distributorId }).catch(() => undefined)
        if (binding !== undefined) all.push([consumerId, distributorId, binding.deleted])
      }
    }
    return all
  }

  const told = (tasks: readonly NewTask[] = []) =>
    tasks.map(({ operation, agent, arguments: given }) => [operation, agent, given['distributor']])

  it('are told where a distributor is from now on, where the agent wants to know', async () => {
    const id = await bound()
    const outcome = await bench.run(updateDistributorTask(id, 'web', { config: { relative_url: `${id}/new` } }))
    assert.deepEqual(told(outcome.spawn), [['consumer-bind', 'told', 'web']])
    const [task] = outcome.spawn ?? []
    assert.deepEqual(task?.arguments['payload'], {
      repo_name: id,
      server_name: '',
      ca_cert: null,
      relative_path: `/pulp/isos/${id}/new`,
      protocols: ['http'],
    })
    assert.equal((await left(id)).length, 4)
  })

  it('go with their distributor, those that tell an agent when it has heard of it', async () => {
    const id = await bound()
    const outcome = await bench.run(named(id, 'remove-distributor', 'web'))
    assert.deepEqual(told(outcome.spawn), [['consumer-unbind', 'told', 'web']])
    assert.deepEqual(await left(id), [
      ['told', 'web', true],
      ['told', 'more', false],
      ['untold', 'more', false],
    ])
    const [event] = await events.of('untold', { sort: 'descending', limit: 1 })
    const details = { repo_id: id, distributor_id: 'web' }
    assert.deepEqual([event?.type, event?.originator, event?.details], ['repo_unbound', 'SYSTEM', details])
  })

  it('are ended once more by a run that follows one that died, but for those that are told already', async () => {
    const id = await bound()
    const remove = named(id, 'remove-distributor', 'web')
    const first = await bench.run(remove)
    assert.deepEqual(told((await bench.run(remove)).spawn), told(first.spawn))
    await bench.services.tasks.enqueue(first.spawn ?? [])
    assert.deepEqual((await bench.run(remove)).spawn, [])
    const unbound = (await events.of('told', { sort: 'ascending' })).filter(
      ({ type, details }) => type === 'repo_unbound' && JSON.stringify(details).includes(`"${id}"`),
    )
    assert.equal(unbound.length, 1)
  })

  it('go with their repository', async () => {
    const id = await bound()
    const outcome = await bench.run(named(id, 'delete-repository'))
    assert.deepEqual(told(outcome.spawn), [
      ['consumer-unbind', 'told', 'web'],
      ['consumer-unbind', 'told', 'more'],
    ])
    assert.deepEqual(await left(id), [
      ['told', 'web', true],
      ['told', 'more', true],
    ])
    await assert.rejects(bind(id, 'web'), { kind: 'invalid' })
  })

  it('follow a distributor that is replaced', async () => {
    const id = await bound()
    await addDistributor(bench.services, id, { ...web, config: { relative_url: `${id}/replaced` } })
    const binding = await bindings.get({ consumerId: 'told', repositoryId: id, distributorId: 'web' })
    const [, last] = binding.actions
    const task = await bench.services.tasks.get(last?.taskId ?? '')
    const payload = Object(task.arguments['payload'])
    assert.deepEqual([task.operation, payload.relative_path], ['consumer-bind', `/pulp/isos/${id}/replaced`])
  })
})
