import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { hour, hourly, ScheduledRepositories } from '../../testing/schedules.ts'
import type { OpenDatabase } from '../connection.ts'

onEachDatabase('the schedule store', (fresh) => {
  let opened: OpenDatabase
  let made: ScheduledRepositories
  before(async () => {
    opened = await fresh.open()
    made = new ScheduledRepositories(opened.database)
  })

  it('gives back what was made, for importers and for distributors', async () => {
    const { id, importer, distributor } = await made.repository()
    const state = {
      ...hourly,
      text: 'R3/PT1H',
      overrides: { feed: 'http://x/' },
      failureThreshold: 2,
      remainingRuns: 3,
    }
    const sync = await made.schedules.create(importer, state)
    const publish = await made.schedules.create(distributor, { ...hourly, enabled: false, due: null })
    assert.deepEqual(await made.schedules.get(importer, sync.key), sync)
    const { key: _, created, lastUpdated, ...rest } = sync
    assert.ok(created.getTime() > 0 && lastUpdated.getTime() > 0)
    const counters = { consecutiveFailures: 0, totalRuns: 0, lastRun: null }
    assert.deepEqual(rest, {
      ...state,
      ...counters,
      target: { action: 'sync', repositoryId: id, importerType: 'stub_importer' },
    })
    const target = { action: 'publish', repositoryId: id, distributorId: 'web', distributorType: 'stub_distributor' }
    assert.deepEqual(publish.target, target)
  })

  it('keeps moments of the year 1 as they are', async () => {
    const first = new Date('0001-01-01T00:00:00Z')
    const { owner, schedule } = await made.schedule({ firstRun: first })
    assert.deepEqual((await made.schedules.get(owner, schedule.key))?.firstRun, first)
  })

  it('lists the schedules of one owner, oldest first', async () => {
    const { importer, distributor } = await made.repository()
    const first = await made.schedules.create(importer, hourly)
    const second = await made.schedules.create(importer, hourly)
    await made.schedules.create(distributor, hourly)
    assert.deepEqual(await made.schedules.list(importer), [first, second])
  })

  it('names the schedules of several repositories at once', async () => {
    const [one, two, other] = [await made.repository(), await made.repository(), await made.repository()]
    const sync = await made.schedules.create(two.importer, hourly)
    const publish = await made.schedules.create(one.distributor, hourly)
    await made.schedules.create(other.importer, hourly)
    const names = [sync, publish].map(({ key, created, target }) => ({ key, created, target }))
    assert.deepEqual(await made.schedules.ofRepositories([one.id, two.id, 'none']), names)
    assert.deepEqual(await made.schedules.ofRepositories([]), [])
  })

  it('changes what it is told to and leaves the counters', async () => {
    const { owner, schedule } = await made.schedule()
    await opened.database.updateTable('schedule').set({ total_runs: 5 }).where('id', '=', schedule.key).execute()
    const state = { ...hourly, text: 'P1D', enabled: false, failureThreshold: 7, overrides: { a: 1 }, due: hour(3) }
    const changed = await made.schedules.update(owner, schedule.key, (current) => {
      assert.equal(current.totalRuns, 5)
      return state
    })
    assert.ok(changed.lastUpdated > schedule.lastUpdated)
    assert.deepEqual(changed, { ...schedule, ...state, totalRuns: 5, lastUpdated: changed.lastUpdated })
    assert.deepEqual(await made.schedules.get(owner, schedule.key), changed)
  })

  it('knows a schedule only as its owner’s', async () => {
    const { schedule } = await made.schedule()
    const { importer, distributor } = await made.repository()
    for (const stranger of [importer, distributor]) {
      assert.equal(await made.schedules.get(stranger, schedule.key), undefined)
      await assert.rejects(
        made.schedules.update(stranger, schedule.key, () => hourly),
        { kind: 'not-found' },
      )
      await assert.rejects(made.schedules.delete(stranger, schedule.key), { kind: 'not-found' })
    }
  })

  it('deletes one for good', async () => {
    const { owner, schedule } = await made.schedule()
    await made.schedules.delete(owner, schedule.key)
    assert.equal(await made.schedules.get(owner, schedule.key), undefined)
    await assert.rejects(made.schedules.delete(owner, schedule.key), { kind: 'not-found' })
  })

  it('loses schedules with the importer, also with one that is replaced', async () => {
    const [removed, replaced] = [await made.schedule(), await made.schedule()]
    const fence = await runningTask(opened.database)
    await made.repositories.removeImporter(removed.id, fence)
    await made.repositories.setImporter(replaced.id, 'stub_importer', {}, fence)
    for (const { id } of [removed, replaced]) assert.deepEqual(await made.schedules.ofRepositories([id]), [])
    await assert.rejects(made.schedules.create(removed.owner, hourly), { kind: 'not-found' })
  })

  it('loses schedules with the distributor, also with one that is replaced, and with the repository', async () => {
    const [removed, replaced, deleted] = [await made.repository(), await made.repository(), await made.repository()]
    const all = [removed, replaced, deleted]
    for (const { distributor } of all) await made.schedules.create(distributor, hourly)
    const fence = await runningTask(opened.database)
    await made.repositories.removeDistributor(removed.id, 'web', fence)
    const same = { id: 'web', type: 'stub_distributor', config: {}, autoPublish: false }
    await made.repositories.setDistributor(replaced.id, same)
    await made.repositories.delete(deleted.id, fence)
    assert.deepEqual(await made.schedules.ofRepositories(all.map(({ id }) => id)), [])
    for (const { distributor } of all) assert.deepEqual(await made.schedules.list(distributor), [])
  })
})
